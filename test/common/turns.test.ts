/** The event loop has its turns in work that goes on for long. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Turns } from '../../src/common/turns.js'

test('a turn is due once the loop has been held for a while, and not after it', async () => {
  const turns = new Turns()
  while (!turns.due);
  let others = 0
  setImmediate(() => (others += 1))
  await turns.next()
  assert.is(others, 1)
  assert.not.ok(turns.due)
})

test.run()
