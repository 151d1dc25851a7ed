/**
 * Texts that differ in how often their drafts are accepted, decoded by different ways to choose trees: which child of a
 * node is accepted is drawn at random, by a scene's vectors.
 */
import { planners } from '../../plugins/planners/index.js'
import { depthsOf } from '../../src/core/choose-plan.js'
import type { Core } from '../../src/core/index.js'
import { passMs } from '../../src/speculation/pass-times.js'
import { Speculation } from '../../src/speculation/speculation.js'
import type { Drafter } from '../../src/strategies/drafter.js'
import type { DraftTree } from '../../src/strategies/tree.js'
import { uniforms } from '../uniforms.js'
import { draftMs, LIMITS, noisy, OVERHEAD_MS, samplingOf, zeros, type Scene, type Vectors } from './scenes.js'

const TOKENS = 128
export const TEXTS = 60
const CONTEXT = 256
/** How often a text's first children are accepted beside what was measured over all. */
const EASES = [0.3, 0.6, 0.8, 1, 1.2, 1.4]

/** One step's share of one text. */
interface Drawn {
  tree: DraftTree
  path: Int32Array
}

/** Which trees a step's texts get, and what is told of the step. */
export interface Way {
  begin(text: number): void
  plan(left: readonly number[]): Int32Array[]
  observe(drawn: readonly Drawn[], ms: number): void
}

export function fixed(parents: readonly number[]): Way {
  const shape = Int32Array.from(parents)
  return { begin: () => {}, plan: (left) => left.map(() => shape), observe: () => {} }
}

/** The policy as engines have it, knowing what was measured. */
export function speculationIn(core: Core, { times, vectors }: Scene): Speculation {
  return new Speculation({
    core,
    planner: planners.get('sequoia')!,
    target: times,
    overheadMs: () => OVERHEAD_MS,
    limits: LIMITS,
    acceptance: { greedy: vectors, sampled: vectors },
  })
}

/** The policy, over a draft of which nothing is asked but what it takes. */
export function policy(core: Core, scene: Scene): Way {
  const speculation = speculationIn(core, scene)
  const begin = (): never => {
    throw new Error('this drafter is only planned for')
  }
  const drafter: Drafter = { name: 'model', growth: 'static', begin, dispose: async () => {}, draftMs }
  const opened = (): ReturnType<Speculation['begin']> =>
    speculation.begin({ sampling: samplingOf(scene.kind), maxNodes: LIMITS.maxNodes }, drafter, 0)
  const states: ReturnType<typeof opened>[] = []
  return {
    begin(text) {
      if (states[text]) speculation.end(states[text])
      states[text] = opened()
    },
    plan: (left) =>
      speculation
        .plan(left.map((tokens, i) => ({ state: states[i], context: CONTEXT, left: tokens })))
        .map(({ shape }) => shape!.parents),
    observe: (drawn, ms) =>
      speculation.observe(
        drawn.map(({ tree, path }, i) => ({
          state: states[i],
          tree,
          path,
          emitted: path.length + 1,
          context: CONTEXT,
        })),
        ms,
      ),
  }
}

/** The planner's tree for texts of this acceptance, each alone. */
export function planned(core: Core, { times, vectors, kind, among }: Scene): readonly number[] {
  const { shape } = planners.get('sequoia')!.plan(core, {
    acceptance: vectors,
    isGreedy: kind === 'greedy',
    draftMs: (depth, widths) =>
      draftMs(
        depth,
        widths.map((width) => width * among),
      ) / among,
    stepMs: (rows) => (passMs(times, rows * among, CONTEXT) + OVERHEAD_MS) / among,
    ...LIMITS,
    maxNodes: Math.min(LIMITS.maxNodes, Math.floor(LIMITS.maxRows / among)),
  })
  return Array.from(shape!.parents)
}

/** Tokens a millisecond of each group of texts that decode together. */
export function replay(scene: Scene, way: Way, seed: number, count = TEXTS): number[] {
  const { vectors, among } = scene
  const speeds: number[] = []
  for (let group = 0; group < Math.ceil(count / among); group++) {
    const random = uniforms(seed + group)
    const texts = Array.from({ length: among }, (_, i) => eased(vectors, EASES[(group * among + i) % EASES.length]))
    const left = texts.map(() => TOKENS)
    texts.forEach((_, text) => way.begin(text))
    let [tokens, ms] = [0, 0]
    while (left.some((count) => count > 1)) {
      const drawn = way.plan(left).map((parents, i) => walked(parents, texts[i], random))
      const stepMs = noisy(msOf(scene, drawn), scene, random)
      way.observe(drawn, stepMs)
      ms += stepMs
      drawn.forEach(({ path }, i) => {
        tokens += path.length + 1
        left[i] = Math.max(1, left[i] - path.length - 1)
      })
    }
    speeds.push(tokens / ms)
  }
  return speeds
}

function msOf({ times, slower }: Scene, drawn: readonly Drawn[]): number {
  const rows = drawn.reduce((sum, { tree }) => sum + tree.parents.length, 0)
  const depth = Math.max(...drawn.map(({ tree }) => Math.max(...tree.depths)))
  const widths = zeros(depth + 1)
  for (const { tree } of drawn) for (const level of tree.depths) widths[level] += 1
  return (depth > 0 ? slower : 1) * (passMs(times, rows, CONTEXT) + draftMs(depth, widths) + OVERHEAD_MS)
}

function eased(vectors: Vectors, ease: number): Vectors {
  return vectors.map((level) => {
    const sum = level.reduce((total, p) => total + p)
    const factor = Math.min(ease, 0.97 / sum)
    return level.map((p) => p * factor)
  })
}

/** Draws which child of each node on the way is accepted. */
function walked(parents: Int32Array, vectors: Vectors, random: () => number): Drawn {
  const depths = depthsOf(parents)
  const path: number[] = []
  for (let node = 0, goesOn = true; goesOn;) {
    const rank = drawnRank(vectors, depths[node], random)
    let child = -1
    for (let other = node + 1, seen = 0; other < parents.length; other++)
      if (parents[other] === node && seen++ === rank) child = other
    goesOn = child > 0
    if (goesOn) path.push((node = child))
  }
  const rows = new Int32Array(parents.length)
  const tree = { parents, depths, tokens: rows, ...(parents.length > 1 ? { q: { logitsPtr: 0, rows } } : {}) }
  return { tree, path: Int32Array.from(path) }
}

/** The rank of the child that is right below a node of this depth; beyond all ranks where none is. */
export function drawnRank(vectors: Vectors, depth: number, random: () => number): number {
  const level = vectors[Math.min(depth, vectors.length - 1)]
  let left = random()
  let rank = 0
  while (rank < level.length && (left -= level[rank]) >= 0) rank++
  return rank
}
