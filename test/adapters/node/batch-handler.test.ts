import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { batchRoutes, type BatchRouteOptions } from '../../../adapters/node/batch-handler.js'
import type { BatchService } from '../../../src/scale/batch-service.js'
import { ApiError } from '../../../src/serve/index.js'
import { InvalidArgumentError } from '../../../src/spec/errors.js'
import { eventually } from '../../support/http-app.js'
import { exchange, jsonPost, type Got, type Sent } from '../../support/in-process-http.js'

type Route = BatchService['api']['route']

/** What comes back for a request where the batches route like this. */
function ask(route: Route, sent: Sent = {}, more: Partial<BatchRouteOptions> = {}): Promise<Got> {
  const handler = batchRoutes({ batches: { api: { route } } as BatchService, ...more })
  return exchange((request, response) => handler(request, response, () => void response.end('next')), sent)
}

test('what the batches do not route goes on', async () => {
  const asked: string[] = []
  const { body } = await ask(
    (method, path) => {
      asked.push(`${method} ${path}`)
      return null
    },
    jsonPost('/files?limit=3', {}),
  )
  assert.equal([body, asked], ['next', ['POST /files']])
})

test("a route is told the query, whose request it is, and the body's type and JSON", async () => {
  const route: Route = () => async (asked) => ({
    status: 201,
    headers: {},
    body: { limit: asked.query.get('limit'), owner: asked.owner, type: asked.contentType, json: await asked.json() },
  })
  const { status, body } = await ask(route, jsonPost('/batches?limit=3', { a: 1 }), { owner: () => 'me' })
  assert.is(status, 201)
  assert.equal(JSON.parse(body), { limit: '3', owner: 'me', type: 'application/json', json: { a: 1 } })
  assert.is(JSON.parse((await ask(route, jsonPost('/batches', {}))).body).owner, '')
})

test("a file's content is streamed; HEAD gets its headers alone", async () => {
  const route: Route = () => async () => ({
    status: 200,
    headers: { 'content-type': 'application/jsonl' },
    content: (async function* () {
      yield Buffer.from('one\n')
      yield Buffer.from('two\n')
    })(),
  })
  const got = await ask(route)
  assert.equal([got.body, got.headers['content-type']], ['one\ntwo\n', 'application/jsonl'])
  const head = await ask(route, { method: 'HEAD' })
  assert.equal([head.body, head.headers['content-type']], ['', 'application/jsonl'])
})

test('a refusal is answered in its own words; a failure as "internal error", and told', async () => {
  const told: unknown[] = []
  const onError = (error: unknown): void => void told.push(error)
  const refused = await ask(
    () => async () => Promise.reject(new ApiError(404, 'not_found', 'no such file')),
    {},
    { onError },
  )
  assert.equal([refused.status, JSON.parse(refused.body).error.message, told.length], [404, 'no such file', 0])
  const fault = new Error('disk')
  const failed = await ask(() => async () => Promise.reject(fault), {}, { onError })
  assert.equal([failed.status, told], [500, [fault]])
  assert.not.match(failed.body, 'disk')
})

test('a failure in the middle of a content ends the connection, since its headers are out', async () => {
  const told: unknown[] = []
  const fault = new Error('disk')
  const route: Route = () => async () => ({
    status: 200,
    headers: {},
    content: (async function* () {
      yield Buffer.from('one\n')
      throw fault
    })(),
  })
  const got = await ask(route, {}, { onError: (error) => void told.push(error) }).catch((error: Error) => error)
  assert.instance(got, Error)
  await eventually(() => told.length > 0)
  assert.equal(told, [fault])
})

test('what is not what openBatches resolved to is refused at set-up', () => {
  for (const batches of [undefined, Promise.resolve(), {}])
    assert.throws(
      () => batchRoutes({ batches } as never),
      (error: unknown) => error instanceof InvalidArgumentError && error.param === 'batches',
    )
})

test.run()
