import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Core } from '../../src/core/index.js'
import { extend } from '../../src/passes/appending.js'
import { ModelRunner, type RunnerLimits } from '../../src/passes/model-runner.js'
import type { PassPart } from '../../src/passes/pass-part.js'
import type { SequenceCache } from '../../src/passes/sequence-cache.js'
import { RecordingForward } from '../support/recording-forward.js'

const LIMITS: RunnerLimits = { maxRows: 8, maxLogitRows: 8, maxSlots: 64, maxLanes: 4 }

function opened(features = { read: 0, written: 0 }): { forward: RecordingForward; runner: ModelRunner } {
  const forward = new RecordingForward({ slots: 16 }, features)
  const limits = { ...LIMITS, keepsHidden: features.written > 0 }
  return { forward, runner: new ModelRunner(Core.load(), forward, limits, { busyMs: 0 }) }
}

/** A tree's rows, all new, all logits wanted. */
function tree(runner: ModelRunner, cache: SequenceCache, tokens: number[], parents: number[]): PassPart {
  return {
    runner,
    cache,
    tokens: Int32Array.from(tokens),
    positions: Int32Array.from(parents, (parent) => cache.length + (parent < 0 ? 0 : 1)),
    parents: Int32Array.from(parents),
    slots: cache.allocate(tokens.length),
    wanted: Int32Array.from(tokens, (_, i) => i),
  }
}

function maskRows({ mask, liveSlots }: { mask: Uint8Array; liveSlots: number }): string[] {
  return Array.from({ length: mask.length / liveSlots }, (_, row) =>
    mask.subarray(row * liveSlots, (row + 1) * liveSlots).join(''),
  )
}

test('parts go lane by lane, whatever their order, and each learns where its rows and logits lie', async () => {
  const { forward, runner } = opened()
  const [first, second] = [runner.memory.open(), runner.memory.open()]
  const places = await runner.runParts(
    [
      tree(runner, second, [4, 5], [-1, 0]),
      { ...tree(runner, first, [1, 2, 3], [-1, 0, 0]), wanted: Int32Array.of(2) },
    ],
    2,
  )
  const [pass] = forward.passes
  assert.equal([...pass.tokens], [1, 2, 3, 4, 5])
  assert.equal([...pass.lanes], [0, 0, 0, 1, 1])
  assert.equal([...pass.logitRows], [2, 3, 4])
  assert.equal(places, [
    { row: 3, logitRow: 3 },
    { row: 0, logitRow: 2 },
  ])
  assert.equal([...runner.core.f32(runner.logitsAt(2), 9)], [3, 3, 3, 4, 4, 4, 5, 5, 5])
  assert.is(forward.cache.lanes, 2, 'a lane was added for the pass')
})

test('passes of one sequence that want all logits are told of, with their rows and live slots', async () => {
  const { runner } = opened()
  const seen: number[][] = []
  runner.onPass = (rows, liveSlots, ms) => seen.push([rows, liveSlots, Number(ms >= 0)])
  const [first, second] = [runner.memory.open(), runner.memory.open()]
  await runner.runParts([tree(runner, first, [1, 2, 3], [-1, 0, 0])], 0)
  await runner.runParts([{ ...tree(runner, first, [1, 2], [-1, 0]), wanted: Int32Array.of(1) }], 0)
  await runner.runParts([tree(runner, first, [1], [-1]), tree(runner, second, [4], [-1])], 0)
  await runner.time(2, 4)
  assert.equal(
    seen,
    [[3, first.liveSlots, 1]].map(([rows, , isTimed]) => [rows, 3, isTimed]),
  )
})

test('a model with windows is told the positions of tokens in all slots, those of earlier passes too', async () => {
  const forward = new RecordingForward({ slots: 16 }, undefined, true)
  const runner = new ModelRunner(Core.load(), forward, LIMITS, { busyMs: 0 })
  const [before, cache] = [runner.memory.open(), runner.memory.open()]
  await extend(runner, before, [1], false)
  cache.allocate(1)
  await extend(runner, cache, [7, 8], false)
  const whole = tree(runner, cache, [1, 2, 3], [-1, 0, 0])
  await runner.runParts([whole], 0)
  const positions = ({ slotPositions, liveSlots }: (typeof forward.passes)[0]): number[] => [
    ...slotPositions!.subarray(liveSlots),
  ]
  assert.equal(positions(forward.passes[2]), [0, 0, 1, 2, 3, 3])
  const [below] = cache.allocate(1)
  const next = {
    ...whole,
    tokens: Int32Array.of(9),
    positions: Int32Array.of(4),
    parents: Int32Array.of(-1, 0, 0, 2),
    slots: Int32Array.of(...whole.slots, below),
    wanted: Int32Array.of(0),
  }
  await runner.runParts([next], 3)
  assert.equal(positions(forward.passes[3]), [0, 0, 1, 2, 3, 3, 4])
  const copy = runner.memory.open()
  await runner.memory.copy(runner.memory, cache, copy, 2)
  await extend(runner, copy, [5], false)
  const { slotPositions, liveSlots } = forward.passes[4]
  assert.equal([...slotPositions!.subarray(copy.lane * liveSlots, copy.lane * liveSlots + 3)], [0, 1, 2])
})

test('a row sees the committed text, its ancestors and itself; rows that ran before are left out', async () => {
  const { forward, runner } = opened()
  const cache = runner.memory.open()
  await extend(runner, cache, [7, 8], false)
  const whole = tree(runner, cache, [1, 2, 3], [-1, 0, 0])
  await runner.runParts([whole], 0)
  assert.equal(maskRows(forward.passes[1]), ['11100', '11110', '11101'])
  const [below] = cache.allocate(1)
  await runner.runParts(
    [
      {
        ...whole,
        tokens: Int32Array.of(9),
        positions: Int32Array.of(4),
        parents: Int32Array.of(-1, 0, 0, 2),
        slots: Int32Array.of(...whole.slots, below),
        wanted: Int32Array.of(0),
      },
    ],
    3,
  )
  assert.equal([[...forward.passes[2].slots], maskRows(forward.passes[2])], [[5], ['111011']])
})

test('features are read part by part, and what rows leave behind is found at their places', async () => {
  const { forward, runner } = opened({ read: 2, written: 1 })
  const [first, second] = [runner.memory.open(), runner.memory.open()]
  const parts = [tree(runner, second, [4], [-1]), tree(runner, first, [1, 2], [-1, 0])].map((part, i) => ({
    ...part,
    features: new Float32Array(2 * part.tokens.length).fill(i),
  }))
  const places = await runner.runParts(parts, 0)
  assert.equal([...forward.passes[0].features!], [1, 1, 1, 1, 0, 0])
  assert.equal([...runner.hiddenAt(places[1].row, 2)], [1, 2])
  assert.equal([...runner.hiddenAt(places[0].row)], [4])
})

test('the cache grows before a pass that needs more slots, up to the longest text', async () => {
  const { forward, runner } = opened()
  const cache = runner.memory.open()
  await extend(
    runner,
    cache,
    Array.from({ length: 60 }, () => 1),
    false,
  )
  assert.is(forward.cache.capacity, 64)
  assert.throws(() => cache.allocate(5), /5 slots were asked for and 4 of 64 are free/)
})

test('the clock counts passes alone, timed ones too, and those over a cache of its own', async () => {
  const { forward, runner } = opened()
  const apart = runner.withCache({ maxRows: 4, maxLanes: 1 })
  assert.is(apart.clock, runner.clock)
  const ms = await runner.time(3, 20)
  assert.ok(ms > 0 && runner.clock.busyMs >= ms)
  const [{ tokens, liveSlots, logitRows }] = forward.passes
  assert.equal([tokens.length, liveSlots, logitRows.length, forward.cache.capacity], [3, 20, 3, 32])
  await extend(apart, apart.memory.open(), [1, 2], false)
  assert.is(forward.passes.length, 1, 'another cache, other passes')
  await runner.dispose()
})

test.run()
