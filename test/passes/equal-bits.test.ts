import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Core } from '../../src/core/index.js'
import { hasEqualBits } from '../../src/passes/equal-bits.js'
import { ModelRunner } from '../../src/passes/model-runner.js'
import type { ForwardInput, ForwardOutput } from '../../src/runtime/forward.js'
import { RecordingForward } from '../support/recording-forward.js'

/** Adds to the logits of each row what `of` makes of its pass. */
class Disturbed extends RecordingForward {
  constructor(private readonly of: (input: ForwardInput, row: number) => number) {
    super({ slots: 16 })
  }

  override async run(input: ForwardInput, output: ForwardOutput): Promise<void> {
    await super.run(input, output)
    input.logitRows.forEach((row, i) => (output.logits[3 * i] += this.of(input, row)))
  }
}

const runnerOf = (forward: RecordingForward): ModelRunner =>
  new ModelRunner(Core.load(), forward, { maxRows: 16, maxLogitRows: 8, maxSlots: 64, maxLanes: 2 }, { busyMs: 0 })

/** Tokens that a row sees. */
const seen = ({ mask, liveSlots }: ForwardInput, row: number): number =>
  mask.subarray(row * liveSlots, (row + 1) * liveSlots).reduce((sum, one) => sum + one)

test('logits that depend on what a row sees alone are equal in a tree and token by token', async () => {
  const forward = new Disturbed((input, row) => seen(input, row))
  assert.is(await hasEqualBits(runnerOf(forward)), true)
  const rows = forward.passes.map(({ tokens }) => tokens.length)
  assert.equal(rows, [1, 1, 1, 1, 1, 1, 3, 7], 'six tokens alone; then half of them, and a tree with siblings')
})

test('logits that depend on the rows of a pass are found out', async () => {
  assert.is(await hasEqualBits(runnerOf(new Disturbed(({ tokens }) => 1e-6 * tokens.length))), false)
})

test('logits that depend on the slots of a text are found out', async () => {
  assert.is(await hasEqualBits(runnerOf(new Disturbed(({ slots }, row) => 1e-6 * slots[row]))), false)
})

test('no slot stays taken, whether the check ends or a pass fails', async () => {
  const forward = new Disturbed(() => 0)
  const runner = runnerOf(forward)
  await hasEqualBits(runner)
  assert.is(runner.memory.usage.slotsUsed, 0)
  forward.failure = new Error('the pass failed')
  const failure: unknown = await hasEqualBits(runner).catch((error: unknown) => error)
  assert.match(String(failure), /the pass failed/)
  assert.is(runner.memory.usage.slotsUsed, 0)
})

test.run()
