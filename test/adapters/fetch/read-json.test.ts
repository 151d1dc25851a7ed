import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { discard, readJson } from '../../../adapters/fetch/read-json.js'
import type { ApiError } from '../../../src/serve/index.js'

const TEXT = '{"n":1}'

function requestOf(body: BodyInit, headers: Record<string, string> = {}): Request {
  const init = { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers }, duplex: 'half' }
  return new Request('http://host/', init as RequestInit)
}

function streamOf(...chunks: string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk))
      controller.close()
    },
  })
}

async function statusOf(read: Promise<unknown>): Promise<number | undefined> {
  const error = await read.then(
    () => assert.unreachable(),
    (thrown: ApiError) => thrown,
  )
  return (error as ApiError).status
}

test('a body of several chunks is one value', async () => {
  assert.equal(await readJson(requestOf(streamOf('{"n"', ':1}')), TEXT.length, false), { n: 1 })
})

test('a copy leaves the request unread for others; otherwise it is used up', async () => {
  const kept = requestOf(TEXT)
  await readJson(kept, 100, true)
  assert.equal([kept.bodyUsed, await kept.text()], [false, TEXT])
  const taken = requestOf(TEXT)
  await readJson(taken, 100, false)
  assert.ok(taken.bodyUsed)
})

test('one byte over the bound is refused, by the declared length or by what came', async () => {
  const most = TEXT.length - 1
  assert.is(await statusOf(readJson(requestOf(TEXT, { 'content-length': String(TEXT.length) }), most, false)), 413)
  assert.is(await statusOf(readJson(requestOf(streamOf('{"n"', ':1}')), most, false)), 413)
})

test('another content type is refused; no body at all is no JSON', async () => {
  assert.is(await statusOf(readJson(requestOf(TEXT, { 'content-type': 'text/plain' }), 100, false)), 415)
  const empty = new Request('http://host/', { method: 'POST', headers: { 'content-type': 'application/json' } })
  assert.is(await statusOf(readJson(empty, 100, false)), 400)
})

test('a body that somebody has read is the fault of the set-up, not of the client', async () => {
  const request = requestOf(TEXT)
  await request.text()
  const error = await readJson(request, 100, false).catch((thrown: Error) => thrown)
  assert.match((error as Error).message, 'mount sequoia() before it')
  assert.is((error as ApiError).status, undefined)
})

test('discarding uses up a body, and takes one that is used up or missing', async () => {
  const request = requestOf(TEXT)
  await readJson(request, 100, true)
  discard(request)
  assert.ok(request.bodyUsed)
  discard(request)
  discard(new Request('http://host/'))
})

test.run()
