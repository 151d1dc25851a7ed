/**
 * The planner's answer: for every tree size m <= N and depth d <= D the most expected tokens of exactly m nodes within
 * d levels (the root is one of the m, its depth is 0), and the tree that reaches them.
 */
import { InvalidArgumentError } from '../spec/errors.js'
import type { Arena } from './arena.js'
import type { TreeShape } from './types.js'
import { checked } from './wasm.js'

/**
 * What the dynamic program is given.
 */
export interface PlanRequest {
  /**
   * [rank] probability that the child of this rank (draw order) is the accepted one; or one vector per level of the
   * parent, the last serving all deeper ones.
   */
  acceptance: Float64Array | readonly Float64Array[]
  /** Most nodes, root included: 1 .. 4096. */
  maxNodes: number
  /** Most levels below the root: 0 .. 256. */
  maxDepth: number
  /** Most children of a node; default: as many as there are ranks. */
  maxBranch?: number
}

/** Vectors side by side, f64 [levels, ranks], shorter ones filled with zeros. */
interface Vectors {
  levels: number
  ranks: number
  values: Float64Array
}

/**
 * The best tree of every size and depth under a positional acceptance model: the table of the dynamic program
 * (arXiv 2402.12374, section 3).
 */
export class Frontier {
  private constructor(
    private readonly arena: Arena,
    private readonly vectors: Vectors,
    readonly maxNodes: number,
    readonly maxDepth: number,
    /** f64 [maxDepth + 1, maxNodes + 1] */
    private readonly table: Float64Array,
  ) {}

  /** Runs the dynamic program. Throws `InvalidArgumentError` for probabilities outside 0..1 or sizes out of range. */
  static compute(arena: Arena, { acceptance, maxNodes, maxDepth, maxBranch = Infinity }: PlanRequest): Frontier {
    const vectors = sideBySide(acceptance, Math.min(maxBranch, maxNodes))
    if (!(maxNodes >= 1 && maxNodes <= 4096))
      throw new InvalidArgumentError('maxNodes', `maxNodes is ${maxNodes}; expected 1 to 4096`)
    if (!(maxDepth >= 0 && maxDepth <= 256))
      throw new InvalidArgumentError('maxDepth', `maxDepth is ${maxDepth}; expected 0 to 256`)
    const cells = (maxDepth + 1) * (maxNodes + 1)
    const table = withBlock(arena, cells * 8, (out) =>
      withVectors(arena, vectors, (at) => {
        checked(arena.wasm.plan_frontier(at, vectors.levels, vectors.ranks, maxNodes, maxDepth, out), 'plan')
        return arena.f64(out, cells).slice()
      }),
    )
    return new Frontier(arena, vectors, maxNodes, maxDepth, table)
  }

  /** Most expected tokens of exactly `nodes` nodes within `depth` levels; -Infinity where no such tree is. */
  expected(nodes: number, depth: number): number {
    this.inside(nodes, depth)
    return this.table[depth * (this.maxNodes + 1) + nodes]
  }

  /**
   * The tree that reaches `expected(nodes, depth)`, in level order, siblings in rank order. Throws
   * `InvalidArgumentError` where there is none.
   */
  tree(nodes: number, depth: number): TreeShape & { expectedTokens: number } {
    const expectedTokens = this.expected(nodes, depth)
    const { arena, vectors } = this
    const parents = withBlock(arena, nodes * 4, (out) =>
      withVectors(arena, vectors, (at) => {
        checked(arena.wasm.plan_tree(at, vectors.levels, vectors.ranks, nodes, depth, out), 'tree')
        return arena.i32(out, nodes).slice()
      }),
    )
    return { parents, expectedTokens }
  }

  private inside(nodes: number, depth: number): void {
    if (!Number.isInteger(nodes) || nodes < 1 || nodes > this.maxNodes)
      throw new InvalidArgumentError('nodes', `nodes is ${nodes}; this frontier holds 1 to ${this.maxNodes}`)
    if (!Number.isInteger(depth) || depth < 0 || depth > this.maxDepth)
      throw new InvalidArgumentError('depth', `depth is ${depth}; this frontier holds 0 to ${this.maxDepth}`)
  }
}

function sideBySide(acceptance: PlanRequest['acceptance'], maxRanks: number): Vectors {
  const rows = acceptance instanceof Float64Array ? [acceptance] : acceptance
  const ranks = Math.max(1, Math.min(maxRanks, Math.max(0, ...rows.map((row) => row.length))))
  if (rows.length === 0) throw new InvalidArgumentError('acceptance', 'acceptance has no vector; expected at least one')
  rows.forEach((row, level) =>
    row.forEach((p, rank) => {
      if (!(p >= 0 && p <= 1))
        throw new InvalidArgumentError(
          'acceptance',
          `acceptance of rank ${rank} at level ${level} is ${p}; expected a probability`,
        )
    }),
  )
  const values = new Float64Array(rows.length * ranks)
  rows.forEach((row, level) => values.set(row.subarray(0, ranks), level * ranks))
  return { levels: rows.length, ranks, values }
}

function withVectors<T>(arena: Arena, vectors: Vectors, use: (at: number) => T): T {
  return withBlock(arena, vectors.values.byteLength, (at) => {
    arena.f64(at, vectors.values.length).set(vectors.values)
    return use(at)
  })
}

function withBlock<T>(arena: Arena, bytes: number, use: (at: number) => T): T {
  const at = arena.alloc(bytes)
  try {
    return use(at)
  } finally {
    arena.free(at)
  }
}
