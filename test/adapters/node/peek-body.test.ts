import type { IncomingMessage } from 'node:http'
import { PassThrough } from 'node:stream'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { peekBody } from '../../../adapters/node/peek-body.js'
import type { ApiError } from '../../../src/serve/index.js'
import { exchange } from '../../support/in-process-http.js'

const bytes = Buffer.alloc(200_000, 'abcdefg')

test('the body is read whole, and is in the stream again for whoever comes next', async () => {
  for (const body of [bytes, Buffer.alloc(0)]) {
    let seen: Buffer | null = null
    const { body: left } = await exchange(
      async (request, response) => {
        seen = await peekBody(request, bytes.length)
        request.pipe(response)
      },
      { method: 'POST', body },
    )
    assert.ok(seen!.equals(body))
    assert.is(left, body.toString())
  }
})

test('one byte over the bound is refused, by the declared length or by what came', async () => {
  const chunked: Record<string, string> = { 'transfer-encoding': 'chunked' }
  for (const headers of [{}, chunked]) {
    const { body } = await exchange(
      async (request, response) => {
        const error = await peekBody(request, bytes.length - 1).catch((thrown: Error) => thrown)
        response.end(JSON.stringify([request.headers['content-length'] ?? null, (error as ApiError).status]))
      },
      { method: 'POST', body: bytes, headers },
    )
    assert.equal(JSON.parse(body), [headers === chunked ? null : '200000', 413])
  }
})

test('a client that hangs up half way leaves nothing', async () => {
  const stream = Object.assign(new PassThrough(), { headers: {}, complete: false })
  const read = peekBody(stream as unknown as IncomingMessage, 100)
  stream.write('half')
  setImmediate(() => stream.destroy())
  assert.is(await read, null)
})

test.run()
