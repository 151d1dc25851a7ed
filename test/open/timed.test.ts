/** What is said of equal bits when a model is opened. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { formats } from '../../src/formats/index.js'
import { checkExactness, requireEqualReplays } from '../../src/open/timed.js'
import { Core } from '../../src/core/index.js'
import { ModelRunner } from '../../src/passes/model-runner.js'
import type { Replays } from '../../src/runtime/backend.js'
import type { Forward, ForwardInput, ForwardOutput } from '../../src/runtime/forward.js'
import { withWidths } from '../../src/runtime/least-rows.js'
import { InvalidArgumentError } from '../../src/spec/errors.js'
import type { TimedPasses } from '../../src/speculation/time-passes.js'
import { RecordingForward } from '../support/recording-forward.js'
import { modelWith, optionsWith } from './support.js'

/** A format whose integers this processor multiplies exactly, or not. */
const toy = (areExact: boolean, exact = true): void =>
  void formats.set('toy', {
    ...formats.get('w8a8')!,
    exact,
    integers: { best: () => Promise.resolve('uint8'), areExact: () => Promise.resolve(areExact) },
  })

const test = suite('exactness of an opened model')
test.after.each(() => void formats.delete('toy'))

async function checked(isExact: boolean | undefined, integers: 'uint8' | null = 'uint8') {
  const said: string[] = []
  const options = optionsWith({ onProgress: ({ text }) => said.push(text) })
  const model = modelWith({ format: 'toy', integers })
  const timed = { profile: { isExact } } as TimedPasses
  return { exact: (await checkExactness(options, model, {} as ModelRunner, timed)).bitExact, said }
}

test('a model has equal bits where its integers multiply exactly and its passes agreed', async () => {
  toy(true)
  assert.equal(await checked(true), { exact: true, said: [] })
})

test('a format that promises equal bits warns where this processor does not keep them', async () => {
  for (const [areExact, passes] of [
    [false, true],
    [true, false],
  ] as const) {
    toy(areExact)
    const { exact, said } = await checked(passes)
    assert.is(exact, false)
    assert.is(said.length, 1)
    assert.match(said[0], /^warning: .* equal plain decoding up to ties only$/)
  }
})

test('without integers nothing is promised and nothing is said', async () => {
  toy(true, false)
  assert.equal(await checked(true, null), { exact: false, said: [] })
})

/** Rows that passes on a device have, of a model of 4,096 tokens beside eight requests. */
const WIDTHS = [16, 64, 128, 256, 512, 576]
const LIMITS = { maxRows: 576, maxLogitRows: 576, maxSlots: 4096 + 128, maxLanes: 8 }

/** All caches' passes in one list; `off` of a pass is added to its logits. */
class Device extends RecordingForward {
  override readonly replays = { isOn: false, captured: 0 } as unknown as null

  constructor(
    readonly all: { rows: number; lanes: number }[] = [],
    private readonly off: (input: ForwardInput, lanes: number, isReplayed: boolean) => number = () => 0,
  ) {
    super({ slots: 16 })
  }

  override async run(input: ForwardInput, output: ForwardOutput): Promise<void> {
    await super.run(input, output)
    this.passes.length = 0
    this.all.push({ rows: input.tokens.length, lanes: this.cache.lanes })
    const isReplayed = (this.replays as unknown as Replays).isOn && input.isFixed === true
    output.logits[0] += this.off(input, this.cache.lanes, isReplayed)
  }

  override withCache(): Forward {
    return new Device(this.all, this.off)
  }
}

const runnerOn = (device: Device, limits = LIMITS): ModelRunner =>
  new ModelRunner(Core.load(), withWidths(device, WIDTHS), limits, { busyMs: 0 })
const checkedOn = (runner: ModelRunner, onProgress?: (line: { text: string }) => void) =>
  checkExactness({ onProgress }, modelWith(), runner, { profile: {} } as TimedPasses, WIDTHS)

test('the check of a device looks at every kind of passes, in less than five seconds by a model of t(n)', async () => {
  const device = new Device()
  assert.equal(await checkedOn(runnerOn(device)), { bitExact: true, inexactPasses: [] })
  // Of 7B parameters: flat to 64 rows, then in proportion; no GPU was measured.
  const ms = device.all.reduce((sum, { rows }) => sum + 5 + Math.max(0, rows - 64) * 0.025, 0)
  assert.ok(device.all.length < 550 && ms < 5000, `${device.all.length} passes, ${ms} ms`)
  assert.equal([...new Set(device.all.map(({ lanes }) => lanes))].sort(), [1, 2, 4, 8])
  assert.equal(
    [...new Set(device.all.map(({ rows }) => rows))].sort((a, b) => a - b),
    WIDTHS,
  )
})

test('what did not hold on a device is told in a line, and kept by kind', async () => {
  const said: string[] = []
  const device = new Device([], (_, lanes) => (lanes === 2 ? 1e-6 : 0))
  const limits = { ...LIMITS, maxSlots: 100 }
  const { bitExact, inexactPasses } = await checkedOn(runnerOn(device, limits), ({ text }) => said.push(text))
  assert.is(bitExact, false)
  assert.ok(inexactPasses!.length > 0 && inexactPasses!.every(({ sequences }) => sequences === 2))
  assert.match(said[0], /bits than alone in \d+ kinds of passes, first in those of 16 rows of 2 sequence\(s\) over 112/)
})

test('replays that give other logits are refused and their rows named; without any nothing is checked', async () => {
  const limits = { ...LIMITS, maxSlots: 600, maxLanes: 1 }
  await requireEqualReplays(runnerOn(new Device(), limits), WIDTHS)
  const stale = new Device([], ({ tokens }, _, isReplayed) => (isReplayed && tokens.length === 128 ? 1 : 0))
  const error = await requireEqualReplays(runnerOn(stale, limits), WIDTHS).catch((reason: unknown) => reason)
  assert.instance(error, InvalidArgumentError)
  assert.match(String(error), /passes of 128 rows gave other logits replayed than run afresh/)
  const plain = new RecordingForward({ slots: 16 })
  await requireEqualReplays(new ModelRunner(Core.load(), plain, limits, { busyMs: 0 }), WIDTHS)
  assert.is(plain.passes.length, 0)
})

test.run()
