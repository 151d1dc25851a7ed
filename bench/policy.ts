/**
 * `npm run bench -- policy`: what the policy's trees would bring, by replay: no model and no clock. Texts differ in how
 * often their drafts are accepted, children are accepted at random as measured vectors say, and steps take what a table
 * of passes says, up to a tenth more or less. So policies can be compared under any load on any machine. Ways: no
 * trees, two fixed shapes, the planner's tree for what texts have in common, and the policy as engines have it.
 */
import { readFileSync } from 'node:fs'
import { planners } from '../plugins/planners/index.js'
import { depthsOf } from '../src/core/choose-plan.js'
import { Core } from '../src/core/index.js'
import type { Drafter } from '../src/strategies/drafter.js'
import type { DraftTree } from '../src/strategies/tree.js'
import { passMs, type PassTimes } from '../src/speculation/pass-times.js'
import { Speculation } from '../src/speculation/speculation.js'
import { optionOf } from './option.js'
import { median } from './stats.js'
import { uniforms } from './uniforms.js'

export const name = 'policy'
export const describe = 'the policy beside fixed trees, by replay of measured acceptance: no model, no clock'

/** Children of a node that vectors tell of. */
const RANKS = 8
const TOKENS = 128
const TEXTS = 60
const LIMITS = { maxNodes: 64, maxRows: 128, maxDepth: 12 }
/** Of bookkeeping in a step, and of one pass of the draft for up to a dozen rows: SmolLM2's. */
const OVERHEAD_MS = 0.2
const LEVEL_MS = 1.5
const CONTEXT = 256

/** A pass of SmolLM2: where more rows cost little up to eight, and where they cost from the second on. */
const MACHINES: Readonly<Record<string, PassTimes>> = {
  'cheap rows': { rows: [1, 2, 4, 8, 16, 32, 128], baseMs: [12, 12.6, 13.5, 16, 23, 40, 140], slotMs: zeros(7) },
  'dear rows': { rows: [1, 2, 4, 8, 16, 32, 128], baseMs: [17, 20, 26, 38, 62, 112, 420], slotMs: zeros(7) },
}
/** How often a text's first children are accepted beside what was measured over all. */
const EASES = [0.3, 0.6, 0.8, 1, 1.2, 1.4]
const LOADS = [1, 4, 16]

function zeros(count: number): number[] {
  return Array.from({ length: count }, () => 0)
}

type Vectors = readonly Float64Array[]

/** [level][rank], as measured with the draft. */
function measured(): Record<'greedy' | 'T=0.8', Vectors> {
  const path = new URL('../models/smollm2-135m-draft/acceptance.json', import.meta.url)
  const read = JSON.parse(readFileSync(path, 'utf8')) as Record<'greedy' | 'T=0.8', number[][]>
  const cut = (levels: number[][]): Vectors => levels.map((level) => Float64Array.from(level.slice(0, RANKS)))
  return { greedy: cut(read.greedy), 'T=0.8': cut(read['T=0.8']) }
}

function eased(vectors: Vectors, ease: number): Vectors {
  return vectors.map((level) => {
    const sum = level.reduce((total, p) => total + p)
    const factor = Math.min(ease, 0.97 / sum)
    return level.map((p) => p * factor)
  })
}

/** One step's share of one text. */
interface Drawn {
  tree: DraftTree
  path: Int32Array
}

/** Draws which child of each node on the way is accepted. */
function walked(parents: Int32Array, vectors: Vectors, random: () => number): Drawn {
  const depths = depthsOf(parents)
  const path: number[] = []
  for (let node = 0, goesOn = true; goesOn;) {
    const level = vectors[Math.min(depths[node], vectors.length - 1)]
    let left = random()
    let rank = 0
    while (rank < level.length && (left -= level[rank]) >= 0) rank++
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

interface Scene {
  times: PassTimes
  vectors: Vectors
  isGreedy: boolean
  among: number
}

/** Which trees a step's texts get, and what is told of the step. */
interface Way {
  begin(text: number): void
  plan(left: readonly number[]): Int32Array[]
  observe(drawn: readonly Drawn[], ms: number): void
}

const draftMs = (depth: number, widths: readonly number[]): number =>
  widths.slice(0, depth).reduce((sum, width) => sum + LEVEL_MS * Math.max(1, width / 12), 0)

function fixed(parents: readonly number[]): Way {
  const shape = Int32Array.from(parents)
  return { begin: () => {}, plan: (left) => left.map(() => shape), observe: () => {} }
}

/** The policy, over a draft of which nothing is asked but what it takes. */
function policy(core: Core, { times, vectors, isGreedy }: Scene): Way {
  const speculation = new Speculation({
    core,
    planner: planners.get('sequoia')!,
    target: times,
    overheadMs: () => OVERHEAD_MS,
    limits: LIMITS,
    acceptance: { greedy: vectors, sampled: vectors },
  })
  const begin = (): never => {
    throw new Error('this drafter is only planned for')
  }
  const drafter: Drafter = { name: 'model', growth: 'static', begin, dispose: async () => {}, draftMs }
  const sampling = { temperature: isGreedy ? 0 : 0.8, topK: 0, topP: 1, minP: 0 }
  const opened = (): ReturnType<Speculation['begin']> =>
    speculation.begin({ sampling, maxNodes: LIMITS.maxNodes }, drafter, 0)
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

/** Tokens a millisecond of each group of texts that decode together. */
function replay({ times, vectors, among }: Scene, way: Way, seed: number): number[] {
  const speeds: number[] = []
  for (let group = 0; group < Math.ceil(TEXTS / among); group++) {
    const random = uniforms(seed + group)
    const texts = Array.from({ length: among }, (_, i) => eased(vectors, EASES[(group * among + i) % EASES.length]))
    const left = texts.map(() => TOKENS)
    texts.forEach((_, text) => way.begin(text))
    let [tokens, ms] = [0, 0]
    while (left.some((count) => count > 1)) {
      const drawn = way.plan(left).map((parents, i) => walked(parents, texts[i], random))
      const rows = drawn.reduce((sum, { tree }) => sum + tree.parents.length, 0)
      const depth = Math.max(...drawn.map(({ tree }) => Math.max(...tree.depths)))
      const widths = zeros(depth + 1)
      for (const { tree } of drawn) for (const level of tree.depths) widths[level] += 1
      const stepMs = (passMs(times, rows, CONTEXT) + draftMs(depth, widths) + OVERHEAD_MS) * (0.9 + 0.2 * random())
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

/** The planner's tree for texts of this acceptance, each alone. */
function planned(core: Core, { times, vectors, isGreedy, among }: Scene): readonly number[] {
  const { shape } = planners.get('sequoia')!.plan(core, {
    acceptance: vectors,
    isGreedy,
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

/** `args`: `--seed=N`. */
export async function run(args: readonly string[]): Promise<object> {
  const seed = Number(optionOf(args, 'seed') ?? 1)
  const core = Core.load()
  const rows: object[] = []
  for (const [machine, times] of Object.entries(MACHINES)) {
    for (const [kind, vectors] of Object.entries(measured())) {
      for (const among of LOADS) {
        const scene = { times, vectors, isGreedy: kind === 'greedy', among }
        const plain = replay(scene, fixed([-1]), seed)
        const ratios = (way: Way): number[] => replay(scene, way, seed).map((speed, i) => speed / plain[i])
        const shapes = {
          'chain of 2': ratios(fixed([-1, 0, 1])),
          'binary tree of 3': ratios(fixed([-1, 0, 0])),
          "the planner's tree": ratios(fixed(planned(core, scene))),
        }
        const usual = ratios(policy(core, scene))
        rows.push({
          machine,
          kind,
          among,
          ...Object.fromEntries(Object.entries(shapes).map(([way, values]) => [way, median(values)])),
          default: median(usual),
          'default, least': Math.min(...usual),
        })
      }
    }
  }
  return { rows }
}
