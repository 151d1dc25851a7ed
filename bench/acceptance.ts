/**
 * `npm run bench -- acceptance [--target M] [--draft M] [--svg FILE]`: expected tokens per step of every verification
 * rule, by temperature and tree size, on recorded logits of a real pair. A tree's nodes get recorded positions at
 * random (the same for every rule), so p and q belong together at every node, while the difficulty of a path's nodes is
 * taken to be independent. Each rule gets the planner's best tree for its own acceptance vector, measured on the same
 * rows first.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { Core } from '../src/core/index.js'
import type { Sampling, TokenTree, Verdict } from '../src/core/types.js'
import { NOISE_OF } from '../src/strategies/draws.js'
import type { Verifier } from '../src/strategies/verifier.js'
import { verifiers } from '../plugins/verifiers/index.js'
import { linePlot } from './line-plot.js'
import { type RecordedRows, recordRows } from './record-rows.js'

export const name = 'acceptance'
export const describe =
  'expected tokens per step for every verifier, temperature and tree size, on recorded logits of a real pair'

const TEMPERATURES = [0.2, 0.6, 1, 1.4]
const SIZES = [4, 16, 64, 256, 512]
const RANKS = 16
const MOST_LEVELS = 24
const TREES = 600
/** Star trees that a rule's acceptance vector is measured on. */
const STARS = 4000

interface WalkInput {
  core: Core
  rows: RecordedRows
  tree: TokenTree
  /** [m] recorded position of each node. */
  places: Int32Array
  /** The target's rows of those, [m, vocab]. */
  logitsPtr: number
  sampling: Sampling
  seed: bigint
}

const RULES = [...verifiers.values()]
/** They read each node's first child only: chains are what they get. */
const CHAINS: ReadonlySet<string> = new Set(['naive', 'block'])
/** Without acceptance by rank of their own they get the trees of a rule that is not better on stars. */
const PLANNED_AS: ReadonlyMap<string, string> = new Map([
  ['traversal', 'sequoia'],
  ['block', 'naive'],
])

function verdictOf(rule: Verifier, { core, rows, tree, places, logitsPtr, sampling, seed }: WalkInput): Verdict {
  const q = { logitsPtr: rows.draftPtr, rows: places }
  const key = { seed, choice: 0 }
  return rule.verify(core, { tree: { ...tree, q }, logitsPtr, vocab: rows.vocab, sampling, key, rootPosition: 0 })
}

interface Cell {
  temperature: number
  nodes: number
  rule: string
  tokensPerStep: number
  standardError: number
  /** What the planner expected of this tree; absent where the rule has no acceptance by rank. */
  planned: number | null
}

class Bench {
  private readonly logitsPtr: number

  constructor(
    private readonly core: Core,
    private readonly rows: RecordedRows,
  ) {
    this.logitsPtr = core.alloc(Math.max(...SIZES, RANKS + 1) * rows.vocab * 4)
  }

  /** One tree of this shape over recorded positions, and the walk through it. */
  walk(rule: Verifier, parents: Int32Array, sampling: Sampling, seed: number): { tree: TokenTree; verdict: Verdict } {
    const { core, rows } = this
    const key = { seed: BigInt(seed), choice: 0 }
    const children: number[][] = Array.from(parents, () => [])
    parents.forEach((parent, node) => parent >= 0 && children[parent].push(node))
    const filled = { parents: [-1], tokens: [0], depths: [0], planned: [0] }
    const places: number[] = []
    for (let node = 0; node < filled.parents.length; node++) {
      const place = hash(seed, node) % rows.count
      places.push(place)
      const wanted = children[filled.planned[node]]
      if (wanted.length === 0) continue
      const drawn = core.draftChildren(
        rows.draftPtr + place * rows.vocab * 4,
        rows.vocab,
        sampling,
        key,
        filled.depths[node],
        wanted.length,
        NOISE_OF[rule.draws],
        node,
      ).tokens
      drawn.forEach((token, i) => {
        filled.parents.push(node)
        filled.tokens.push(token)
        filled.depths.push(filled.depths[node] + 1)
        filled.planned.push(wanted[i])
      })
    }
    const tree = {
      parents: Int32Array.from(filled.parents),
      tokens: Int32Array.from(filled.tokens),
      depths: Int32Array.from(filled.depths),
    }
    const bytes = rows.vocab * 4
    places.forEach((place, node) =>
      core.f32(this.logitsPtr + node * bytes, rows.vocab).set(core.f32(rows.targetPtr + place * bytes, rows.vocab)),
    )
    return {
      tree,
      verdict: verdictOf(rule, {
        core,
        rows,
        tree,
        places: Int32Array.from(places),
        logitsPtr: this.logitsPtr,
        sampling,
        seed: key.seed,
      }),
    }
  }

  /** [rank] share of stars whose child of this rank was taken. */
  acceptance(rule: Verifier, sampling: Sampling): Float64Array {
    const star = Int32Array.from({ length: RANKS + 1 }, (_, i) => (i === 0 ? -1 : 0))
    const counts = new Float64Array(RANKS)
    for (let seed = 0; seed < STARS; seed++) {
      const { path } = this.walk(rule, star, sampling, 1_000_000 + seed).verdict
      if (path.length > 0) counts[path[0] - 1] += 1 / STARS
    }
    return counts
  }

  cell(rule: Verifier, temperature: number, nodes: number, acceptance: Float64Array): Cell {
    const isChain = CHAINS.has(rule.name)
    const sampling = { temperature, topK: 0, topP: 1, minP: 0 }
    const maxDepth = Math.min(nodes - 1, isChain ? 2 * MOST_LEVELS : MOST_LEVELS)
    const frontier = this.core.plan({
      acceptance,
      maxNodes: isChain ? maxDepth + 1 : nodes,
      maxDepth,
      maxBranch: isChain ? 1 : RANKS,
    })
    const { parents, expectedTokens } = frontier.tree(frontier.maxNodes, maxDepth)
    let sum = 0
    let squares = 0
    for (let seed = 0; seed < TREES; seed++) {
      const tokens = this.walk(rule, parents, sampling, seed).verdict.path.length + 1
      sum += tokens
      squares += tokens * tokens
    }
    const mean = sum / TREES
    return {
      temperature,
      nodes,
      rule: rule.name,
      tokensPerStep: mean,
      standardError: Math.sqrt((squares / TREES - mean * mean) / TREES),
      planned: PLANNED_AS.has(rule.name) ? null : expectedTokens,
    }
  }
}

function hash(a: number, b: number): number {
  let h = Math.imul(a ^ 0x9e3779b1, 0x85ebca6b) ^ Math.imul(b + 0x7f4a7c15, 0xc2b2ae35)
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d)
  return (h ^ (h >>> 13)) >>> 0
}

export async function run(args: readonly string[] = []): Promise<object> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      target: { type: 'string', default: 'micro' },
      draft: { type: 'string', default: 'micro-draft' },
      svg: { type: 'string' },
    },
  })
  const core = Core.load()
  const rows = await recordRows(core, values.target, values.draft, 20)
  const bench = new Bench(core, rows)
  const cells: Cell[] = []
  for (const temperature of TEMPERATURES) {
    const sampling = { temperature, topK: 0, topP: 1, minP: 0 }
    const vectors = new Map(RULES.map((rule) => [rule.name, bench.acceptance(rule, sampling)]))
    for (const nodes of SIZES) {
      for (const rule of RULES)
        cells.push(bench.cell(rule, temperature, nodes, vectors.get(PLANNED_AS.get(rule.name) ?? rule.name)!))
    }
  }
  if (values.svg !== undefined)
    writeFileSync(values.svg, plot(cells, `${values.target} with ${values.draft}: tokens per step by tree size`))
  return {
    pair: { target: values.target, draft: values.draft, recordedPositions: rows.count, trees: TREES },
    tokensPerStep: table(cells),
    cells,
  }
}

/** A row for each temperature and size, a column for each rule. */
function table(cells: readonly Cell[]): Record<string, number>[] {
  return TEMPERATURES.flatMap((temperature) =>
    SIZES.map((nodes) =>
      Object.fromEntries([
        ['T', temperature],
        ['nodes', nodes],
        ...cells
          .filter((cell) => cell.temperature === temperature && cell.nodes === nodes)
          .map(({ rule, tokensPerStep }) => [rule, tokensPerStep]),
      ]),
    ),
  )
}

function plot(cells: readonly Cell[], title: string): string {
  return linePlot({
    title,
    xLabel: 'nodes',
    panels: TEMPERATURES.map((temperature) => ({
      title: `temperature ${temperature}`,
      lines: RULES.map(({ name: rule }) => ({
        label: rule,
        points: cells
          .filter((cell) => cell.temperature === temperature && cell.rule === rule)
          .map(({ nodes, tokensPerStep }) => ({ x: nodes, y: tokensPerStep })),
      })),
    })),
  })
}
