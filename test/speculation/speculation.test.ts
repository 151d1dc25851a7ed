/**
 * How the rows of a step are shared out between the sequences that share it: the real planner and dynamic program,
 * made-up times and acceptance.
 */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Core } from '../../src/core/index.js'
import { AcceptanceStats } from '../../src/speculation/acceptance.js'
import { PassCorrections } from '../../src/speculation/pass-corrections.js'
import type { Speculation } from '../../src/speculation/speculation.js'
import { passMs } from '../../src/speculation/pass-times.js'
import type { SpeculationState, StepOutcome, StepShare } from '../../src/speculation/state.js'
import type { Plan } from '../../src/strategies/plan.js'
import type { DraftTree } from '../../src/strategies/tree.js'
import { drafterOf, LIMITS, speculationOf, TIMES } from './support/builders.js'

const core = Core.load()
const DRAFT_MS = 0.5
/** Steps between two plans of one sequence, at most. */
const STEPS = 24

const drafter = drafterOf({ draftMs: (depth) => depth * DRAFT_MS })
const GREEDY = { temperature: 0, topK: 0, topP: 1, minP: 0 }

/** How often drafts are accepted is known: single walks change nothing. */
class KnownAcceptance extends AcceptanceStats {
  override recordWalk(): void {}
  override idle(): void {}
}

/** A greedy sequence at a context of 100 tokens, whose draft is expected to be accepted so often, by rank. */
function sequenceOf(acceptance: number[]): StepShare {
  const state = speculationOf().begin({ maxNodes: LIMITS.maxNodes, sampling: GREEDY }, drafter, 0)
  return { state: { ...state, acceptance: new KnownAcceptance([acceptance]) }, context: 100, left: 1e6 }
}

function treeOf({ shape }: Plan): DraftTree {
  const { parents } = shape!
  const depths = new Int32Array(parents.length)
  parents.forEach((parent, node) => (depths[node] = parent < 0 ? 0 : depths[parent] + 1))
  return {
    parents,
    depths,
    tokens: new Int32Array(parents.length),
    q: { logitsPtr: 0, rows: new Int32Array(parents.length) },
  }
}

function outcomeOf(state: SpeculationState, plan: Plan, emitted: number): StepOutcome {
  return { state, tree: treeOf(plan), path: new Int32Array(0), emitted, context: 100 }
}

/**
 * Steps in which every tree brings what is expected of it and takes `slower` times what the profile says; returns the
 * last step's plans (not of the plain steps that trees are measured by), and the share of the last steps that had
 * trees.
 */
function settled(
  speculation: Speculation,
  sequences: readonly StepShare[],
  slower = 1,
): { plans: Plan[]; speculated: number } {
  const rounds = 20 * STEPS
  let last: Plan[] = []
  let speculated = 0
  for (let step = 0; step < rounds; step++) {
    const plans = speculation.plan(sequences)
    const rows = plans.reduce((sum, { maxNodes }) => sum + maxNodes, 0)
    const isPlain = rows === plans.length
    const depth = Math.max(...plans.map(({ maxDepth }) => maxDepth))
    const ms = passMs(TIMES, rows, 100) + depth * DRAFT_MS
    speculation.observe(
      sequences.map(({ state }, i) => outcomeOf(state, plans[i], plans[i].expectedTokens ?? 1)),
      isPlain ? ms : slower * ms,
    )
    if (!isPlain || last.length === 0) last = plans
    if (step >= rounds / 2 && !isPlain) speculated += 2 / rounds
  }
  return { plans: last, speculated }
}

function tokensPerMs(plans: readonly Plan[]): number {
  const rows = plans.reduce((sum, { maxNodes }) => sum + maxNodes, 0)
  const depth = Math.max(...plans.map(({ maxDepth }) => maxDepth))
  return (
    plans.reduce((sum, { expectedTokens }) => sum + (expectedTokens ?? 1), 0) /
    (passMs(TIMES, rows, 100) + depth * DRAFT_MS)
  )
}

test('the more requests share a pass the smaller their trees, down to none, and never less than plain decoding', () => {
  const sizes: number[] = []
  for (const among of [1, 2, 4, 8, 16, 32]) {
    const { plans } = settled(
      speculationOf(),
      Array.from({ length: among }, () => sequenceOf([0.6, 0.15, 0.05])),
    )
    sizes.push(plans.reduce((sum, { maxNodes }) => sum + maxNodes, 0) / among)
    const plain = among / passMs(TIMES, among, 100)
    assert.ok(
      tokensPerMs(plans) >= 0.999 * plain,
      `${among} requests: ${tokensPerMs(plans)} tokens a ms, plain decoding gives ${plain}`,
    )
  }
  assert.ok(sizes[0] >= 6, `one alone gets ${sizes[0]} nodes`)
  assert.is(sizes[5], 1)
  for (let i = 1; i < sizes.length; i++) assert.ok(sizes[i] <= sizes[i - 1], `nodes for each: ${sizes.join(', ')}`)
})

test('rows go where drafts are accepted: one often right has a tree among fifteen hardly ever right', () => {
  const sequences = [
    sequenceOf([0.1, 0.05]),
    sequenceOf([0.92, 0.03]),
    ...Array.from({ length: 14 }, () => sequenceOf([0.1, 0.05])),
  ]
  const sizes = settled(speculationOf(), sequences).plans.map(({ maxNodes }) => maxNodes)
  assert.ok(sizes[1] >= 4, `nodes for each: ${sizes.join(', ')}`)
  assert.ok(
    sizes.every((size, i) => i === 1 || size === 1),
    `nodes for each: ${sizes.join(', ')}`,
  )
})

test('a size that others take makes rows dearer, and no sequence gains by another size than it has', () => {
  const sequences = Array.from({ length: 4 }, () => sequenceOf([0.7, 0.1]))
  const { plans } = settled(speculationOf(), sequences)
  const best = tokensPerMs(plans)
  const frontier = core.plan({ acceptance: [Float64Array.of(0.7, 0.1)], maxNodes: 32, maxDepth: LIMITS.maxDepth })
  for (let nodes = 1; nodes <= 32; nodes++) {
    for (let depth = 0; depth <= Math.min(LIMITS.maxDepth, nodes - 1); depth++) {
      const expectedTokens = frontier.expected(nodes, depth)
      if (!(expectedTokens > 0)) continue
      const other = tokensPerMs([{ ...plans[0], maxNodes: nodes, maxDepth: depth, expectedTokens }, ...plans.slice(1)])
      // What a draft's levels cost is told to each as its own part.
      assert.ok(
        other <= 1.03 * best,
        `${nodes} nodes on ${depth} levels would give ${other} tokens a ms, all have ${best}`,
      )
    }
  }
})

test('trees that take longer than predicted under load are given up under load, and kept where they pay', () => {
  const speculation = speculationOf()
  const make = (among: number): StepShare[] => Array.from({ length: among }, () => sequenceOf([0.6, 0.15, 0.05]))
  assert.ok(settled(speculationOf(), make(4)).speculated > 0.9)
  const { speculated } = settled(speculation, make(4), 1.9)
  assert.ok(speculated < 0.1, `${speculated} of the steps had trees`)
  assert.ok(settled(speculation, make(1)).speculated > 0.9)
})

test('answers whose drafts are never accepted take at most 3 % longer than plain decoding, the first one too', () => {
  const tokens = 128
  for (const slower of [1, 1.3]) {
    const speculation = speculationOf()
    for (let answer = 0; answer < 12; answer++) {
      // Each expects much of its draft, whatever became of others.
      const sequence = sequenceOf([0.6, 0.15, 0.05])
      let ms = 0
      let trees = 0
      for (let step = 0; step < tokens; step++) {
        const [plan] = speculation.plan([sequence])
        const isTree = plan.maxNodes > 1
        const stepMs = isTree
          ? slower * (passMs(TIMES, plan.maxNodes, 100) + plan.maxDepth * DRAFT_MS)
          : passMs(TIMES, 1, 100)
        speculation.observe([outcomeOf(sequence.state, plan, 1)], stepMs)
        ms += stepMs
        trees += Number(isTree)
      }
      const ratio = (tokens * passMs(TIMES, 1, 100)) / ms
      assert.ok(
        ratio >= 0.97,
        `answer ${answer}, trees ${slower} times what the profile says: ${ratio}, ${trees} trees`,
      )
      if (answer === 0) assert.ok(trees > 0, 'drafts that promise much were not tried')
    }
  }
})

/** Tokens a ms, by the true times, of the last hundred of one sequence's steps. */
function settledSpeed(speculation: Speculation, corrections?: PassCorrections): number {
  const steps = 500
  const sequence = sequenceOf([0.6, 0.15, 0.05])
  let [tokens, ms] = [0, 0]
  for (let step = 0; step < steps; step++) {
    const [plan] = speculation.plan([sequence])
    const passed = passMs(TIMES, plan.maxNodes, 100)
    const stepMs = passed + plan.maxDepth * DRAFT_MS
    const emitted = plan.expectedTokens ?? 1
    corrections?.saw(plan.maxNodes, 100, passed)
    speculation.observe([outcomeOf(sequence.state, plan, emitted)], stepMs)
    if (step < steps - 100) continue
    tokens += emitted
    ms += stepMs
  }
  return tokens / ms
}

test('times from a busy minute, by which no tree pays, are right again after some hundred steps', () => {
  const best = settledSpeed(speculationOf())
  const rows = [1, 2, 4, 8, 16, 32]
  const profile = { rows, baseMs: [30, 80, 130, 200, 260, 300], slotMs: rows.map(() => 0), drawMs: 0 }
  const plain = settledSpeed(speculationOf(undefined, { target: { ...profile } }))
  assert.ok(best > 1.5 * plain)
  const corrections = new PassCorrections(profile)
  const healed = settledSpeed(speculationOf(undefined, { target: profile, corrections: [corrections] }), corrections)
  assert.ok(healed > 0.9 * best, `${healed} tokens a ms, with the right times ${best}, plain decoding ${plain}`)
})

test('what was learned is where the next process begins: no tree where none paid, trees at once where they did', () => {
  for (const [emitted, expectTree] of [
    [1, false],
    [4, true],
  ] as const) {
    const speculation = speculationOf()
    for (let text = 0; text < 20; text++) {
      const sequence = sequenceOf([0.6, 0.15, 0.05])
      for (let step = 0; step < 40; step++) {
        const [plan] = speculation.plan([sequence])
        const ms = passMs(TIMES, plan.maxNodes, 100) + plan.maxDepth * DRAFT_MS
        speculation.observe([outcomeOf(sequence.state, plan, plan.maxNodes > 1 ? emitted : 1)], ms)
      }
      speculation.end(sequence.state)
    }
    const [first] = speculationOf(undefined, { learned: speculation.learned }).plan([sequenceOf([0.6, 0.15, 0.05])])
    assert.is(first.maxNodes > 1, expectTree, `${first.maxNodes} nodes after trees of ${emitted} tokens`)
  }
})

test('acceptance that texts showed is where texts of the next process begin', () => {
  const speculation = speculationOf([[0.5, 0.1]])
  for (let text = 0; text < 20; text++) {
    const state = speculation.begin({ maxNodes: LIMITS.maxNodes, sampling: GREEDY }, drafter, 0)
    for (let i = 0; i < 100; i++) state.acceptance.record(0, 2, 0)
    speculation.end(state)
  }
  const next = speculationOf([[0.5, 0.1]], { learned: speculation.learned })
  const [[first]] = next.begin({ maxNodes: LIMITS.maxNodes, sampling: GREEDY }, drafter, 0).acceptance.vectors()
  assert.ok(first > 0.9, `${first}`)
})

test.run()
