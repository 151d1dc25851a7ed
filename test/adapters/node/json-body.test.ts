import { Readable } from 'node:stream'
import type { IncomingMessage } from 'node:http'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { jsonBody } from '../../../adapters/node/json-body.js'
import type { ApiError } from '../../../src/serve/index.js'

type Message = IncomingMessage & { body?: unknown }

/** A request of these bytes, not read yet. */
function requestOf(text: string, given: object = {}): Message {
  const stream = Readable.from(text === '' ? [] : [Buffer.from(text)], { objectMode: false })
  return Object.assign(stream, {
    headers: { 'content-type': 'application/json' },
    complete: true,
    ...given,
  }) as unknown as Message
}

async function read(request: Message): Promise<unknown> {
  for await (const chunk of request) void chunk
  return request
}

test("a host's parsed body is taken, and its unparsed text or bytes are parsed", async () => {
  for (const body of [{ n: 1 }, '{"n":1}', Buffer.from('{"n":1}')])
    assert.equal(await jsonBody(requestOf('', { body, headers: {} }), 100), { n: 1 })
})

test('an empty object that a parser sets before anything is read stands for no body yet', async () => {
  assert.equal(await jsonBody(requestOf('{"n":1}', { body: {} }), 100), { n: 1 })
  const parsed = requestOf('{}', { body: {} })
  await read(parsed)
  assert.equal(await jsonBody(parsed, 100), {})
})

test('a body that somebody read and did not keep is the fault of the set-up, not of the client', async () => {
  const request = requestOf('{}')
  await read(request)
  const error = await jsonBody(request, 100).catch((thrown: Error) => thrown)
  assert.match((error as Error).message, 'mount sequoia() before it, or set req.body')
  assert.is((error as ApiError).status, undefined)
})

test('another content type is refused before a byte is read', async () => {
  const request = requestOf('{}', { headers: { 'content-type': 'text/plain' } })
  const error = await jsonBody(request, 100).catch((thrown: ApiError) => thrown)
  assert.is((error as ApiError).status, 415)
  assert.not(request.readableDidRead)
})

test.run()
