/**
 * The planner of `core.wasm` as this page asks it: acceptance by rank, a budget of nodes, and what rows of a pass and
 * levels of a draft cost. Times are in passes of one row, so that plain decoding takes 1 a token.
 */

export const RANKS = 16
export const MOST_NODES = 256
export const MOST_DEPTH = 16

/**
 * [RANKS] chance that the guess of each rank is right: the first one with `first`, and one of the others with `others`
 * of what is left, falling as 1 / rank^1.5.
 */
export function acceptanceOf(first, others) {
  const weights = Array.from({ length: RANKS - 1 }, (_, i) => (i + 2) ** -1.5)
  const all = weights.reduce((sum, weight) => sum + weight)
  return [first, ...weights.map((weight) => ((1 - first) * others * weight) / all)]
}

/** Time of a pass of `rows` rows where each after the first takes `row` more. */
export const passOf = (rows, row) => 1 + (rows - 1) * row

export class Planner {
  constructor(exports) {
    this.wasm = exports
  }

  /** From the module's bytes. */
  static async from(bytes) {
    return new Planner((await WebAssembly.instantiate(bytes, {})).instance.exports)
  }

  /** Best trees of every size and depth for an acceptance by rank; asked before each `best` and `tree`. */
  plan(acceptance) {
    const { wasm } = this
    const cells = (MOST_DEPTH + 1) * (MOST_NODES + 1)
    this.acceptance = acceptance
    const status = this.with(acceptance, cells * 8, (at, out) => {
      const code = wasm.plan_frontier(at, 1, RANKS, MOST_NODES, MOST_DEPTH, out)
      this.table = new Float64Array(wasm.memory.buffer, out, cells).slice()
      return code
    })
    if (status < 0) throw new Error(`the planner refuses: ${status}`)
  }

  /** Most expected tokens of exactly so many nodes within a depth; -Infinity where no such tree is. */
  expected(nodes, depth) {
    return this.table[depth * (MOST_NODES + 1) + nodes]
  }

  /** The tree of at most `budget` nodes whose step takes least per token; `row`, `draft`: of a row and of a level. */
  best(budget, { row, draft }) {
    let best = { nodes: 1, depth: 0, tokens: 1, speedup: 1 }
    for (let nodes = 2; nodes <= budget; nodes++)
      for (let depth = 1; depth <= Math.min(MOST_DEPTH, nodes - 1); depth++) {
        const tokens = this.expected(nodes, depth)
        const speedup = tokens / (passOf(nodes, row) + depth * draft)
        if (speedup > best.speedup) best = { nodes, depth, tokens, speedup }
      }
    return best
  }

  /** Parents of the nodes of the best tree of that size and depth, -1 first. */
  tree(nodes, depth) {
    const { wasm } = this
    return this.with(this.acceptance, nodes * 4, (at, out) => {
      wasm.plan_tree(at, 1, RANKS, nodes, depth, out)
      return Array.from(new Int32Array(wasm.memory.buffer, out, nodes))
    })
  }

  /** Calls with the acceptance and room for a result in the core's memory. */
  with(acceptance, bytes, use) {
    const { wasm } = this
    const [at, out] = [wasm.alloc(RANKS * 8), wasm.alloc(bytes)]
    new Float64Array(wasm.memory.buffer, at, RANKS).set(acceptance)
    try {
      return use(at, out)
    } finally {
      wasm.free(out)
      wasm.free(at)
    }
  }
}

/** How much faster the best chain of each length up to `budget` nodes is than plain decoding: the most of them. */
export function bestChain(first, budget, { row, draft }) {
  let most = 1
  for (let nodes = 2, tokens = 1, reached = 1; nodes <= Math.min(budget, MOST_DEPTH + 1); nodes++) {
    reached *= first
    tokens += reached
    most = Math.max(most, tokens / (passOf(nodes, row) + (nodes - 1) * draft))
  }
  return most
}
