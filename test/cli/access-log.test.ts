import type { RequestHandler } from 'express'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { accessLog } from '../../src/cli/access-log.js'
import { CALLER } from '../../src/cli/api-keys.js'
import { eventually } from '../support/http-app.js'
import { behind, keptLog } from './support.js'

test('one line a request tells its id, method, path, status and caller, and nothing of what was said', async () => {
  const { log, lines } = keptLog()
  const end: RequestHandler = (_req, res) => {
    res.locals[CALLER] = 'ci'
    res.status(201).end('secret answer')
  }
  const sent = { method: 'POST', path: '/v1/chat?key=secret', body: 'secret', headers: { 'x-request-id': 'a.b:1' } }
  const { headers } = await behind([accessLog(log)], sent, end)
  await eventually(() => lines.length > 0)
  const [{ requestId, method, path, status, caller, left, ms }] = lines
  assert.is(headers['x-request-id'], 'a.b:1')
  assert.equal([requestId, method, path, status, caller], ['a.b:1', 'POST', '/v1/chat', 201, 'ci'])
  assert.equal([left, Number.isInteger(ms), lines.length], [undefined, true, 1])
  assert.not.match(JSON.stringify(lines), 'secret')
})

test('an id that is long or not harmless is replaced, and no two requests without one share it', async () => {
  const ids = new Set<unknown>()
  for (const given of ['x'.repeat(129), 'a b', 'é', undefined, undefined]) {
    const headers: Record<string, string> = given === undefined ? {} : { 'x-request-id': given }
    ids.add((await behind([accessLog(keptLog().log)], { headers })).headers['x-request-id'])
  }
  assert.is(ids.size, 5)
  for (const id of ids) assert.match(String(id), /^[0-9a-f-]{36}$/)
  const longest = 'x'.repeat(128)
  const { headers } = await behind([accessLog(keptLog().log)], { headers: { 'x-request-id': longest } })
  assert.is(headers['x-request-id'], longest)
})

test('whoever answers reads the id from the request', async () => {
  const seen: unknown[] = []
  const end: RequestHandler = (req, res) => {
    seen.push(req.get('x-request-id'))
    res.end()
  }
  for (const sent of [{ headers: { 'x-request-id': 'a.b' } }, {}]) {
    const { headers } = await behind([accessLog(keptLog().log)], sent, end)
    assert.is(seen.at(-1), headers['x-request-id'])
  }
  assert.is(seen[0], 'a.b')
})

test('probes of health are told to those alone who want every detail', async () => {
  for (const [path, told] of [
    ['/health/ready', []],
    ['/health/live?x=1', []],
    ['/healthz', ['/healthz']],
  ] as const) {
    const { log, lines } = keptLog()
    await behind([accessLog(log)], { path })
    await new Promise(setImmediate)
    assert.equal(
      lines.map(({ path }) => path),
      told,
    )
    log.level = 'debug'
    await behind([accessLog(log)], { path })
    await eventually(() => lines.length === told.length + 1)
  }
})

test('a response that did not reach its end says that the client left', async () => {
  const { log, lines } = keptLog()
  await behind([accessLog(log)], {}, (_req, res) => void res.destroy()).catch(() => {})
  await eventually(() => lines.length > 0)
  assert.is(lines[0].left, true)
})

test.run()
