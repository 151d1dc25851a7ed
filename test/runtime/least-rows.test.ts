import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { ForwardInput } from '../../src/runtime/forward.js'
import { withLeastRows, withWidths } from '../../src/runtime/least-rows.js'
import { RecordingForward } from '../support/recording-forward.js'

const VOCAB = 3

function pass(rows: number, logitRows: number[]): ForwardInput {
  const rising = Int32Array.from({ length: rows }, (_, i) => i + 1)
  return {
    tokens: rising,
    positions: rising,
    slots: Int32Array.from(rising, (slot) => slot - 1),
    lanes: new Int32Array(rows),
    liveSlots: 4,
    mask: Uint8Array.from({ length: 4 * rows }, (_, i) => i % 2),
    logitRows: Int32Array.from(logitRows),
    features: Float32Array.from({ length: 2 * rows }, (_, i) => i / 8),
  }
}

function recording(): RecordingForward {
  return new RecordingForward({ slots: 16, lanes: 1 }, { read: 2, written: 2 })
}

test('a shorter pass is filled with copies of its last row, and its caller sees its own rows alone', async () => {
  const forward = recording()
  const [logits, hidden] = [new Float32Array(VOCAB), new Float32Array(2)]
  await withLeastRows(forward, 2).run(pass(1, [0]), { logits, hidden })
  const [{ tokens, positions, slots, lanes, mask, logitRows, features }] = forward.passes
  assert.equal([tokens, positions, slots, lanes].map(String), ['1,1', '1,1', '0,0', '0,0'])
  assert.equal([mask, logitRows, features].map(String), ['0,1,0,1,0,1,0,1', '0,0', '0,0.125,0,0.125'])
  assert.equal(logits, Float32Array.of(1, 1, 1))
  assert.equal(hidden, Float32Array.of(1, 1))
})

test('a head of one row is filled where the pass is long enough; one of none stays empty', async () => {
  const forward = recording()
  const filled = withLeastRows(forward, 2)
  const logits = new Float32Array(VOCAB)
  await filled.run(pass(3, [2]), { logits })
  await filled.run(pass(3, []), { logits: new Float32Array(0) })
  assert.equal(
    forward.passes.map(({ tokens, logitRows }) => `${tokens}: ${logitRows}`),
    ['1,2,3: 2,2', '1,2,3: '],
  )
  assert.equal(logits, Float32Array.of(3, 3, 3))
})

test('of fixed shape are passes of a width of which all rows’ logits are wanted, filled or not', async () => {
  const forward = recording()
  const all = withWidths(forward, [2, 4])
  const run = (rows: number, wanted: number[]): Promise<void> =>
    all.run(pass(rows, wanted), { logits: new Float32Array(rows * VOCAB) })
  for (const [rows, wanted] of [
    [1, [0]],
    [2, [0, 1]],
    [3, [0, 2]],
    [3, [0, 1, 2]],
    [4, []],
    [5, [0, 1, 2, 3, 4]],
  ] as const)
    await run(rows, [...wanted])
  assert.equal(
    forward.passes.map(({ tokens, isFixed }) => [tokens.length, isFixed ?? false]),
    [
      [2, true],
      [2, true],
      [4, false],
      [4, true],
      [4, false],
      [5, false],
    ],
  )
})

test('passes that are long enough go through as they are, over any cache', async () => {
  const forward = recording()
  const filled = withLeastRows(forward, 2)
  const input = pass(2, [0, 1])
  await filled.run(input, { logits: new Float32Array(2 * VOCAB) })
  assert.is(forward.passes[0].tokens, input.tokens)
  assert.is(withLeastRows(forward, 1), forward)
  assert.is.not(filled.withCache().cache, filled.cache)
  await filled.dispose()
})

test.run()
