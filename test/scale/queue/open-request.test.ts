import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { once } from 'node:events'
import { OpenRequest } from '../../../src/scale/queue/open-request.js'
import type { SequoiaError } from '../../../src/spec/errors.js'

/** How it ends: a finish reason, or an error's code. */
function ending(request: OpenRequest): unknown {
  try {
    return request.ending(7).finishReason
  } catch (error) {
    return (error as SequoiaError).code
  }
}

test('ends as what ended it says', () => {
  const ways = {
    abort: 'abort',
    timeout: 'timeout',
    waited: 'overloaded',
    closed: 'closed',
    away: 'unavailable',
  } as const
  for (const [why, expected] of Object.entries(ways)) {
    const request = new OpenRequest({ prompt: 'a' }, undefined)
    request.end(why as keyof typeof ways)
    assert.is(ending(request), expected)
    request.dispose()
  }
})

test('is over with its signal, before it began or later', () => {
  const control = new AbortController()
  const later = new OpenRequest({ prompt: 'a', signal: control.signal }, undefined)
  assert.not(later.isOver)
  control.abort()
  assert.ok(later.isOver)
  assert.ok(new OpenRequest({ prompt: 'a', signal: control.signal }, undefined).isOver)
})

test('that no worker takes in time is told when to come again; one that was begun goes on', async () => {
  const waits = new OpenRequest({ prompt: 'a' }, 1)
  const begun = new OpenRequest({ prompt: 'a' }, 1)
  begun.hasBegun = true
  await once(waits.over, 'abort')
  assert.throws(
    () => waits.ending(7),
    (error: SequoiaError) => error.code === 'overloaded' && error.retryAfterSeconds === 7,
  )
  assert.not(begun.isOver)
})

test.run()
