import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { passMs } from '../../src/speculation/pass-times.js'

const profile = { rows: [1, 4, 8], baseMs: [8, 10, 14], slotMs: [0.001, 0.002, 0.004] }

test('a measured size costs what was measured, plus its share of the context', () => {
  assert.is(passMs(profile, 4, 0), 10)
  assert.ok(Math.abs(passMs(profile, 4, 500) - 11) < 1e-12)
})

test('between measured sizes the cost is on the line between them', () => {
  assert.is(passMs(profile, 6, 0), 12)
})

test('beyond the largest size the last slope goes on', () => {
  assert.is(passMs(profile, 12, 0), 18)
})

test('one measured size is all there is to say', () => {
  assert.is(passMs({ rows: [1], baseMs: [5], slotMs: [0] }, 9, 100), 5)
})

test.run()
