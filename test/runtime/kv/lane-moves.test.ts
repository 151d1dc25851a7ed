import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { laneMove, moveLanes } from '../../../src/runtime/kv/lane-moves.js'
import { seeded } from '../../support/random-llama.js'

const ROW = 3
const SLOTS = 5

test('neighbouring lanes that stay neighbours are one copy', () => {
  assert.equal(laneMove([2, 3, -1, 0], 4, SLOTS, ROW), {
    slots: SLOTS,
    before: 4 * ROW,
    after: 4 * ROW,
    runs: [
      { from: 2 * ROW, to: 0, length: 2 * ROW },
      { from: 0, to: 3 * ROW, length: ROW },
    ],
  })
})

test('lanes get to the same places within the buffer as in a new one, more or fewer (200 moves, seed 3)', () => {
  const random = seeded(3)
  const below = (n: number): number => Math.floor(random() * n)
  for (let round = 0; round < 200; round++) {
    const lanes = 1 + below(6)
    const lanesFrom = Array.from({ length: 1 + below(6) }, () => below(lanes + 1) - 1)
    const move = laneMove(lanesFrom, lanes, SLOTS, ROW)
    const inPlace = new Int8Array(SLOTS * 6 * ROW).map(() => below(100))
    const before = inPlace.slice()
    const apart = new Int8Array(inPlace.length)
    moveLanes(before, apart, move)
    moveLanes(inPlace, inPlace, move)
    for (let slot = 0; slot < SLOTS; slot++) {
      lanesFrom.forEach((from, to) => {
        if (from < 0) return
        const expected = before.slice((slot * lanes + from) * ROW, (slot * lanes + from + 1) * ROW)
        const at = (slot * lanesFrom.length + to) * ROW
        assert.equal(apart.slice(at, at + ROW), expected)
        assert.equal(inPlace.slice(at, at + ROW), expected, `round ${round}, slot ${slot}, lane ${to}`)
      })
    }
  }
})

test.run()
