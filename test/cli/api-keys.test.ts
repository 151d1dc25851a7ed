import { createHash } from 'node:crypto'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { CALLER, newKey, requireKey } from '../../src/cli/api-keys.js'
import type { Got } from '../support/in-process-http.js'
import { behind } from './support.js'

const [ci, app] = [newKey(), newKey()]
const KEYS = { ci: ci.hash, app: app.hash }

function ask(authorization?: string, keys: Record<string, string> = KEYS): Promise<Got> {
  const headers = authorization === undefined ? undefined : { authorization }
  return behind([requireKey(keys)], { headers }, (_req, res) => void res.end(String(res.locals[CALLER])))
}

test('a key is random, and its hash is that of its text', () => {
  assert.match(ci.key, /^sk-sequoia-[\w-]{43}$/)
  assert.is(ci.hash, `sha256:${createHash('sha256').update(ci.key).digest('hex')}`)
  assert.is.not(ci.key, app.key)
})

test('each key passes under its own name, however its scheme is spelled', async () => {
  assert.is((await ask(`Bearer ${ci.key}`)).body, 'ci')
  assert.is((await ask(`bearer  ${app.key} `)).body, 'app')
})

test('anything else is refused with how to do it: no key, a wrong one, another scheme, the hash itself', async () => {
  for (const given of [undefined, '', 'Bearer', `Bearer ${ci.key}x`, `Basic ${ci.key}`, ci.key, `Bearer ${ci.hash}`]) {
    const { status, body, headers } = await ask(given)
    assert.equal([status, body, headers['www-authenticate']], [401, 'invalid_api_key', 'Bearer'], given)
  }
})

test('no key is the same as an empty one even where the settings hold the hash of nothing', async () => {
  const hash = `sha256:${createHash('sha256').update('').digest('hex')}`
  assert.is((await ask(undefined, { nobody: hash })).status, 401)
})

test('without keys everybody passes, and nobody has a name', async () => {
  assert.is((await ask(undefined, {})).body, 'undefined')
})

test.run()
