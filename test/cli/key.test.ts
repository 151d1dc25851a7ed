// @process own
/** `sequoia key`: what it prints is what the server takes. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { key } from '../../src/cli/key.js'
import { startServer } from '../../src/cli/server.js'
import { cli } from '../support/cli.js'
import { printed } from '../support/console.js'
import { scriptedEngine } from '../support/scripted-engine.js'

test('prints a key once, and the setting that lets it in', async () => {
  const { code, out } = await cli(['key', 'ci "1"'])
  assert.is(code, 0)
  const [made] = out.split('\n')
  const setting = JSON.parse(`{${/"apiKeys".*/.exec(out)![0]}}`)
  assert.equal(Object.keys(setting.apiKeys), ['ci "1"'])
  assert.not.match(setting.apiKeys['ci "1"'], made)
  const server = await startServer({ host: '127.0.0.1', port: 0, ...setting })
  server.serve([{ engine: scriptedEngine() }])
  const ask = async (bearer: string): Promise<number> =>
    (await fetch(`${server.url}/v1/models`, { headers: { authorization: `Bearer ${bearer}` } })).status
  assert.equal([await ask(made), await ask(`${made.slice(0, -1)}_`)], [200, 401])
  await server.drain()
})

test('a name without anything that a shell or a list reads has the flag as well', async () => {
  const { out } = await printed(() => key.run(['app']))
  const [, flag, setting] = /\n  --api-keys app=(sha256:[0-9a-f]{64})\n.*(sha256:[0-9a-f]{64})/.exec(out)!
  assert.is(flag, setting)
  assert.not.match((await printed(() => key.run(['a,b']))).out, '--api-keys')
})

test('a key without a name is a mistake', async () => {
  const { code, err } = await cli(['key'])
  assert.is(code, 2)
  assert.match(err, /NAME is missing/)
})

test.run()
