import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Core } from '../../src/core/index.js'
import type { PassKind } from '../../src/passes/equal-bits.js'
import { lengthsUpTo, unequalAtLengths } from '../../src/passes/equal-lengths.js'
import { ModelRunner } from '../../src/passes/model-runner.js'
import type { Forward, ForwardInput, ForwardOutput } from '../../src/runtime/forward.js'
import { RecordingForward } from '../support/recording-forward.js'

/** Adds to the logits of each row what `of` makes of its pass; all caches are one. */
class Disturbed extends RecordingForward {
  disposals = 0

  constructor(private readonly of: (input: ForwardInput, row: number) => number) {
    super({ slots: 64 })
  }

  override async run(input: ForwardInput, output: ForwardOutput): Promise<void> {
    await super.run(input, output)
    input.logitRows.forEach((row, i) => (output.logits[3 * i] += this.of(input, row)))
  }

  override withCache(): Forward {
    return this
  }

  override async dispose(): Promise<void> {
    this.disposals++
  }
}

const LIMITS = { maxRows: 16, maxLogitRows: 16, maxSlots: 64, maxLanes: 2 }
const check = (forward: Disturbed): Promise<PassKind[]> =>
  unequalAtLengths(new ModelRunner(Core.load(), forward, LIMITS, { busyMs: 0 }), {
    widths: [4, 16],
    lengths: [16, 32, 48],
    step: 16,
  })

test('lengths are multiples of a step as far as texts go, and sparser far out', () => {
  assert.equal(lengthsUpTo(96, 256), [256])
  assert.equal(lengthsUpTo(600, 256), [256, 512, 768])
  const far = lengthsUpTo(20_000, 256)
  assert.equal(far.slice(0, 3), [256, 512, 768])
  assert.equal(far.slice(15), [4096, 8192, 16384, 20224])
})

test('a row alone and in each width is compared at each length, on a cache that is given back', async () => {
  const forward = new Disturbed(() => 0)
  assert.equal(await check(forward), [])
  const compared = forward.passes.filter(({ logitRows }) => logitRows.length > 0)
  assert.equal(
    compared.map(({ tokens, liveSlots }) => [tokens.length, liveSlots]),
    [4, 20, 36].flatMap((text) => [2, 4, 16].map((rows) => [rows, text + rows])),
  )
  const [, child] = compared[0].tokens
  assert.ok(compared.slice(0, 3).every(({ tokens }) => tokens[tokens.length - 1] === child))
  assert.is(forward.disposals, 1)
})

test('logits that depend on the rows of a pass, or far into a text on its slots, are found out', async () => {
  const byRows = await check(new Disturbed(({ tokens }) => (tokens.length > 2 ? 1e-6 : 0)))
  assert.is(byRows.length, 6)
  assert.equal(byRows[0], { rows: 4, slots: 16, sequences: 1 })
  const far = await check(new Disturbed(({ liveSlots }) => (liveSlots > 45 ? 1e-6 : 0)))
  assert.equal(far, [{ rows: 16, slots: 48, sequences: 1 }])
})

test.run()
