import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { toResponse } from '../../../adapters/fetch/to-response.js'
import type { Reply } from '../../../src/serve/index.js'

interface Letters {
  reply: Reply
  /** Events asked for so far. */
  asked(): number
  /** Resolves when the events' reader has left or read them all. */
  ended: Promise<void>
}

/** Events a, b, c. */
function letters(): Letters {
  let asked = 0
  let end: () => void
  const ended = new Promise<void>((resolve) => (end = resolve))
  async function* events(): AsyncGenerator<string, void, undefined> {
    try {
      for (const letter of 'abc') {
        asked += 1
        yield letter
      }
    } finally {
      end()
    }
  }
  return { reply: { status: 200, headers: { 'x-kind': 'stream' }, events: events() }, asked: () => asked, ended }
}

test('one JSON body, with its status and headers', async () => {
  const response = toResponse({ status: 404, headers: { 'x-a': 'b' }, body: { n: 1 } }, new AbortController())
  assert.equal([response.status, response.headers.get('x-a'), await response.json()], [404, 'b', { n: 1 }])
})

test('events are one body, behind an opening where there is one', async () => {
  const response = toResponse(letters().reply, new AbortController())
  assert.equal([response.headers.get('x-kind'), await response.text()], ['stream', 'abc'])
  assert.is(await toResponse(letters().reply, new AbortController(), ': open\n\n').text(), ': open\n\nabc')
})

test('events are made no faster than they are read', async () => {
  const { reply, asked } = letters()
  const reader = toResponse(reply, new AbortController()).body!.getReader()
  await reader.read()
  await new Promise(setImmediate)
  assert.ok(asked() <= 2, `one is read and one waits, but ${asked()} were made`)
  await reader.cancel()
})

test('a reader that cancels aborts the request and ends the events', async () => {
  const { reply, ended } = letters()
  const leave = new AbortController()
  const reader = toResponse(reply, leave).body!.getReader()
  await reader.read()
  await reader.cancel()
  await ended
  assert.match((leave.signal.reason as Error).message, 'the client closed the connection')
})

test('a client that had left before its answer began lets the engine go all the same', async () => {
  const { reply, ended, asked } = letters()
  const leave = new AbortController()
  leave.abort()
  const response = toResponse(reply, leave)
  await ended
  assert.ok(asked() >= 1 && asked() < 3, 'begun, and not read to its end')
  assert.is(await response.text(), '')
})

test.run()
