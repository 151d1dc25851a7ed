import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Core } from '../../src/core/index.js'
import type { PassKind } from '../../src/passes/equal-bits.js'
import { capacitiesUpTo, unequalAmongOthers } from '../../src/passes/equal-lanes.js'
import { ModelRunner } from '../../src/passes/model-runner.js'
import type { Forward, ForwardInput, ForwardOutput } from '../../src/runtime/forward.js'
import { RecordingForward } from '../support/recording-forward.js'

type Of = (input: ForwardInput, row: number, lanes: number, capacity: number) => number

/** Adds to the logits of each row what `of` makes of its pass; caches are of their own. */
class Disturbed extends RecordingForward {
  constructor(
    private readonly of: Of,
    readonly all: { rows: number; lanes: number; most: number; capacity: number }[] = [],
  ) {
    super({ slots: 16 })
  }

  override async run(input: ForwardInput, output: ForwardOutput): Promise<void> {
    await super.run(input, output)
    const { lanes, capacity } = this.cache
    const counts = Array.from({ length: lanes }, (_, lane) => input.lanes.filter((one) => one === lane).length)
    if (input.logitRows.length > 0)
      this.all.push({ rows: input.tokens.length, lanes, most: Math.max(...counts), capacity })
    input.logitRows.forEach((row, i) => (output.logits[3 * i] += this.of(input, row, lanes, capacity)))
  }

  override withCache(): Forward {
    return new Disturbed(this.of, this.all)
  }
}

const LIMITS = { maxRows: 32, maxLogitRows: 16, maxSlots: 64 }
const check = (forward: Forward, maxLanes = 4): Promise<PassKind[]> =>
  unequalAmongOthers(new ModelRunner(Core.load(), forward, { ...LIMITS, maxLanes }, { busyMs: 0 }), {
    widths: [4, 16],
    capacities: [32, 64],
  })

test('a cache doubles until it has room for the longest text', () => {
  assert.equal(capacitiesUpTo(512, 100), [100])
  assert.equal(capacitiesUpTo(512, 4224), [512, 1024, 2048, 4096, 4224])
})

test('a row is compared with itself alone for each number of sequences, width and size of cache', async () => {
  const forward = new Disturbed(() => 0)
  assert.equal(await check(forward), [])
  const [alone, ...among] = forward.all
  assert.equal(alone, { rows: 1, lanes: 1, most: 1, capacity: 16 })
  const kinds = [32, 64].flatMap((capacity) =>
    [2, 4].flatMap((lanes) =>
      [4, 16].flatMap((rows) => [rows / lanes, rows - lanes + 1].map((most) => ({ rows, lanes, most, capacity }))),
    ),
  )
  assert.equal(among, kinds, 'evenly, and nearly all in one hand')
})

test('logits that depend on how many sequences share a pass, on rows or on slots are found out by kind', async () => {
  const byLanes = await check(new Disturbed((_, __, lanes) => (lanes === 4 ? 1e-6 : 0)))
  assert.equal(
    byLanes.slice(0, 2),
    Array.from({ length: 2 }, () => ({ rows: 4, slots: 32, sequences: 4 })),
  )
  assert.is(byLanes.length, 8)
  const byRows = await check(new Disturbed(({ tokens }) => (tokens.length === 16 ? 1e-6 : 0)))
  assert.ok(byRows.length === 8 && byRows.every(({ rows }) => rows === 16))
  const bySlots = await check(new Disturbed((_, __, lanes, capacity) => (lanes > 1 && capacity > 32 ? 1e-6 : 0)))
  assert.ok(bySlots.length === 8 && bySlots.every(({ slots }) => slots === 64))
})

test('the last sequence is looked at as the first one is', async () => {
  const lastLane = await check(new Disturbed(({ lanes }, row, all) => (all > 1 && lanes[row] === all - 1 ? 1e-6 : 0)))
  assert.is(lastLane.length, 16)
})

test('where one request decodes at a time there are no others', async () => {
  const forward = new Disturbed(() => 1)
  assert.equal(await check(forward, 1), [])
  assert.is(forward.all.length, 0)
})

test.run()
