/** What passes take on this machine and what the planner makes of it, as `engine.tuning()` gives it. */

/** t(n, S): milliseconds of a pass, `ms[i][j]` for `rows[i]` rows at `contexts[j]` tokens. */
export interface PassTable {
  rows: number[]
  contexts: number[]
  ms: number[][]
}

/**
 * A tree, and what a step with it takes and gives. Times are milliseconds.
 */
export interface TunedPlan {
  /** 1 is plain decoding. */
  nodes: number
  depth: number
  /** Parent of each node, -1 first. */
  parents: number[]
  /** Milliseconds of a step with this tree. */
  msPerStep: number
  msPerToken: number
  tokensPerSecond: number
}

/**
 * Measured times of passes, and the plans that follow from them. Plain decoding is a tree of one node.
 */
export interface Tuning {
  /** Context that plans and rates are for, in tokens. */
  context: number
  target: PassTable
  /** Null where no model drafts. */
  draft: PassTable | null
  /**
   * [level][rank] chance that the child of that rank is the accepted one, as plans start from it; the last level serves
   * all deeper ones.
   */
  acceptance: { greedy: number[][]; sampled: number[][] }
  plainTokensPerSecond: number
  /** What the planner chooses for the model draft, without n-grams; plain decoding where no model drafts. */
  plan: { greedy: TunedPlan; sampled: TunedPlan }
  /** Why, in one sentence. */
  summary: string
}
