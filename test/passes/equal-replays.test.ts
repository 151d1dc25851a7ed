import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Core } from '../../src/core/index.js'
import { unequalReplays } from '../../src/passes/equal-replays.js'
import { ModelRunner } from '../../src/passes/model-runner.js'
import type { Forward, ForwardInput, ForwardOutput } from '../../src/runtime/forward.js'
import { withWidths } from '../../src/runtime/least-rows.js'
import { RecordingForward } from '../support/recording-forward.js'

const WIDTHS = [4, 8]

/** Replays passes of fixed shapes; `stale`: of so many rows with what was recorded. */
class Replaying extends RecordingForward {
  override readonly replays = { isOn: true, captured: 0 } as unknown as null
  readonly kinds: string[] = []
  readonly #recorded = new Map<string, ForwardInput>()

  constructor(
    private readonly stale: number[] = [],
    features = { read: 0, written: 0 },
  ) {
    super({ slots: 64 }, features)
  }

  override async run(input: ForwardInput, output: ForwardOutput): Promise<void> {
    const { isOn } = this.replays as unknown as { isOn: boolean }
    const rows = input.tokens.length
    const isReplayed = isOn && input.isFixed === true
    this.kinds.push(`${isReplayed ? 'replayed' : 'afresh'} ${rows}`)
    const shape = `${rows}`
    if (isReplayed && !this.#recorded.has(shape)) this.#recorded.set(shape, input)
    await super.run(isReplayed && this.stale.includes(rows) ? this.#recorded.get(shape)! : input, output)
  }
}

const check = (forward: Forward): Promise<number[]> => {
  const limits = { maxRows: 32, maxLogitRows: 8, maxSlots: 64, maxLanes: 1 }
  return unequalReplays(new ModelRunner(Core.load(), withWidths(forward, WIDTHS), limits, { busyMs: 0 }), WIDTHS)
}

test('replays that compute with what each pass brings are equal; prompts in between are run afresh', async () => {
  const forward = new Replaying()
  assert.equal(await check(forward), [])
  const turn = (kind: string): string[] => WIDTHS.flatMap((width) => ['afresh 20', `${kind} ${width}`, `${kind} 4`])
  assert.equal(forward.kinds, [
    ...Array.from({ length: 2 }, () => turn('afresh')).flat(),
    ...Array.from({ length: 3 }, () => turn('replayed')).flat(),
  ])
})

test('replays that compute with what was recorded are found out, each width by itself', async () => {
  assert.equal(await check(new Replaying([8])), [8])
  assert.equal(await check(new Replaying([4])), [4, 8], 'each width is followed by a pass of one row, which has four')
})

test('a model that reads features beside tokens is checked as well', async () => {
  const forward = new Replaying([], { read: 2, written: 2 })
  assert.equal(await check(forward), [])
  assert.ok(forward.passes.every(({ features, tokens }) => features!.length === 2 * tokens.length))
  assert.equal(await check(new Replaying([8], { read: 2, written: 2 })), [8])
})

test.run()
