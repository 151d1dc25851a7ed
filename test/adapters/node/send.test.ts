import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { send, signalOf } from '../../../adapters/node/send.js'
import type { Reply } from '../../../src/serve/index.js'
import { exchange } from '../../support/in-process-http.js'

/** A response whose buffer is full after each write until `drain` is emitted. */
class FullResponse extends EventEmitter {
  readonly written: string[] = []
  writableFinished = false
  writeHead(): void {}
  flushHeaders(): void {}
  write(text: string): boolean {
    this.written.push(text)
    return false
  }
  end(): void {
    this.written.push('end')
  }
}

/** Events a, b, c; `left` says that their reader's leaving came to them. */
function letters(): { reply: Reply; left: () => boolean } {
  let left = false
  async function* events(): AsyncGenerator<string, void, undefined> {
    try {
      yield* ['a', 'b', 'c']
    } finally {
      left = true
    }
  }
  return { reply: { status: 200, headers: { 'x-kind': 'stream' }, events: events() }, left: () => left }
}

const turn = (): Promise<void> => new Promise(setImmediate)

test('one JSON body goes out with its length in bytes', async () => {
  const reply: Reply = { status: 404, headers: { 'x-a': 'b' }, body: { said: 'é' } }
  const got = await exchange((_request, response) => void send(reply, response, signalOf(response)))
  assert.equal([got.status, got.body, got.headers['x-a']], [404, '{"said":"é"}', 'b'])
  assert.is(got.headers['content-length'], '13')
})

test('events go out in order and the response ends with them', async () => {
  const got = await exchange((_request, response) => void send(letters().reply, response, signalOf(response)))
  assert.equal([got.status, got.body, got.headers['x-kind']], [200, 'abc', 'stream'])
})

test('a full buffer holds the next event back until it drains', async () => {
  const response = new FullResponse()
  const sent = send(letters().reply, response as unknown as ServerResponse, new AbortController().signal)
  for (const written of [['a'], ['a', 'b'], ['a', 'b', 'c']]) {
    await turn()
    assert.equal(response.written, written)
    response.emit('drain')
  }
  await sent
  assert.equal(response.written, ['a', 'b', 'c', 'end'])
})

test('a client that leaves at a full buffer ends the events, and nothing more is written', async () => {
  const response = new FullResponse()
  const { reply, left } = letters()
  const sent = send(reply, response as unknown as ServerResponse, signalOf(response as unknown as ServerResponse))
  await turn()
  response.emit('close')
  await sent
  assert.equal([response.written, left()], [['a'], true])
  assert.is(response.listenerCount('drain'), 0)
})

test('a reply for a client that is gone is not written, but its events are begun and ended', async () => {
  const response = new FullResponse()
  const { reply, left } = letters()
  await send(reply, response as unknown as ServerResponse, AbortSignal.abort())
  assert.equal([response.written, left()], [[], true])
})

test('a finished response is no client that left', () => {
  const response = new FullResponse()
  const signal = signalOf(response as unknown as ServerResponse)
  response.writableFinished = true
  response.emit('close')
  assert.not(signal.aborted)
})

test.run()
