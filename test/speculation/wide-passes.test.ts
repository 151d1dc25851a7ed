/**
 * What is planned where passes are those of a GPU: t(n) of a made-up clock that takes as long for 64 rows as for one,
 * and then longer in proportion. No GPU was measured.
 */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Core } from '../../src/core/index.js'
import { ModelRunner } from '../../src/passes/model-runner.js'
import { ON_DEVICE } from '../../src/runtime/backend.js'
import type { ForwardInput, ForwardOutput } from '../../src/runtime/forward.js'
import { passMs, type PassTimes } from '../../src/speculation/pass-times.js'
import { AcceptanceStats } from '../../src/speculation/acceptance.js'
import type { Plan } from '../../src/strategies/plan.js'
import type { StepOutcome, StepShare } from '../../src/speculation/state.js'
import { timePasses } from '../../src/speculation/time-passes.js'
import { RecordingForward } from '../support/recording-forward.js'
import { tempFolder } from '../support/temp-folder.js'
import { drafterOf, speculationOf } from './support/builders.js'

const FREE_ROWS = 64
/** Milliseconds of a pass of 7B parameters in fp16, by what an H200 reads in a second, and those of its draft. */
const [PASS_MS, DRAFT_MS] = [5, 0.1]
/** How often a child is accepted, by rank. */
const ACCEPTANCE = [0.6, 0.15, 0.05]
const t = (rows: number): number => PASS_MS * Math.max(1, rows / FREE_ROWS)

/** Its passes take what `t` says of a clock of its own. */
class Wide extends RecordingForward {
  override readonly traits = ON_DEVICE as unknown as RecordingForward['traits']
  readonly rows: number[] = []

  override async run(input: ForwardInput, output: ForwardOutput): Promise<void> {
    await super.run(input, output)
    this.passes.length = 0
    this.rows.push(input.tokens.length)
    nowMs += t(input.tokens.length)
  }
}

let nowMs = 0
const now = performance.now.bind(performance)
test.before.each(() => {
  nowMs = 0
  performance.now = () => nowMs
})
test.after.each(() => {
  performance.now = now
})

/** `maxSlots`: of one sequence. */
async function timed(maxSlots: number) {
  const forward = new Wide({ slots: 16 })
  const limits = { maxRows: 576, maxLogitRows: 576, maxSlots, maxLanes: 8 }
  const runner = new ModelRunner(Core.load(), forward, limits, { busyMs: 0 })
  const { profile } = await timePasses(runner, tempFolder(), { modelDir: `wide-${maxSlots}`, threads: 1 })
  return { forward, runner, profile, spentMs: nowMs }
}

/** A greedy sequence whose draft is right so often, by rank, whatever happens. */
function sequenceOf(acceptance: number[], maxNodes: number): StepShare {
  class Known extends AcceptanceStats {
    override recordWalk(): void {}
    override idle(): void {}
  }
  const drafter = drafterOf({ draftMs: (depth) => depth * DRAFT_MS })
  const sampling = { temperature: 0, topK: 0, topP: 1, minP: 0 }
  const state = speculationOf().begin({ maxNodes, sampling }, drafter, 0)
  return { state: { ...state, acceptance: new Known([acceptance]) }, context: 100, left: 1e6 }
}

/**
 * Rows of each one's tree in the last step with trees, of steps in which every tree brings what is expected of it, as
 * many as it takes for plans to settle.
 */
function rowsOf(target: PassTimes, sequences: number, most: number): number[] {
  const limits = { maxNodes: most, maxDepth: 24, maxRows: 512 }
  const speculation = speculationOf([ACCEPTANCE], { target, limits })
  const shares = Array.from({ length: sequences }, () => sequenceOf(ACCEPTANCE, most))
  let rows = [1]
  for (let step = 0; step < 100; step++) {
    const plans = speculation.plan(shares)
    const counts = plans.map(({ maxNodes }) => maxNodes)
    const all = counts.reduce((sum, one) => sum + one, 0)
    const ms = passMs(target, all, 100) + DRAFT_MS * Math.max(...plans.map(({ maxDepth }) => maxDepth))
    const outcomes = shares.map(({ state }, i) => outcomeOf(state, plans[i]))
    speculation.observe(outcomes, ms)
    if (all > sequences || step === 0) rows = counts
  }
  return rows
}

function outcomeOf(state: StepShare['state'], { shape, expectedTokens }: Plan): StepOutcome {
  const { parents } = shape!
  const depths = new Int32Array(parents.length)
  parents.forEach((parent, node) => (depths[node] = parent < 0 ? 0 : depths[parent] + 1))
  const none = new Int32Array(parents.length)
  const tree = { parents, depths, tokens: none, q: { logitsPtr: 0, rows: none } }
  return { state, tree, path: new Int32Array(0), emitted: expectedTokens ?? 1, context: 100 }
}

test('passes of up to 576 rows are timed in less than five seconds; one of 64 rows is known to be free', async () => {
  const { forward, profile, spentMs } = await timed(4096)
  assert.equal(profile.rows, [1, 8, 32, 64, 128, 256, 512, 576])
  assert.is(Math.max(...forward.rows), 576)
  assert.ok(spentMs < 5000, `${spentMs} ms of passes`)
  const ratio = passMs(profile, 64, 100) / passMs(profile, 1, 100)
  assert.ok(ratio <= 1.01, `t(64) / t(1) is ${ratio}`)
  assert.ok(Math.abs(passMs(profile, 512, 100) / t(512) - 1) < 0.01)
})

test('passes of more rows than a text has slots are timed within the memory of their masks', async () => {
  const { runner, profile } = await timed(100)
  assert.is(profile.rows.at(-1), 576)
  assert.is(runner.forward.cache.capacity < 128, true)
})

test('a request alone gets a tree of the rows that cost nothing, and of 512 where so many cost nothing', async () => {
  const { profile } = await timed(4096)
  const [nodes] = rowsOf(profile, 1, 512)
  assert.ok(nodes >= 0.75 * FREE_ROWS && nodes <= 2 * FREE_ROWS, `${nodes} nodes`)
  const flat = { rows: [1, 512], baseMs: [PASS_MS, PASS_MS], slotMs: [0, 0] }
  assert.equal(rowsOf(flat, 1, 512), [512])
})

test('several requests share the rows that cost nothing; where they need all of those there are no trees', async () => {
  const { profile } = await timed(4096)
  for (const among of [2, 4, 8]) {
    const rows = rowsOf(profile, among, 128).reduce((sum, one) => sum + one, 0)
    assert.ok(rows >= 0.75 * FREE_ROWS && rows <= 2 * FREE_ROWS, `${among} requests: ${rows} rows`)
  }
  assert.equal(new Set(rowsOf(profile, 64, 128)), new Set([1]))
})

test.run()
