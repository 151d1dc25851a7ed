/**
 * The hardware-aware optimizer (arXiv 2402.12374, section 3.3): of all tree sizes and depths of a frontier, the one
 * whose step takes the fewest milliseconds per expected token on this machine. A chain and no speculation (one node,
 * depth 0) are among them.
 */
import type { Frontier } from './frontier.js'

/**
 * What `choosePlan` weighs: the frontier of trees and the times of their passes.
 */
export interface ChooseRequest {
  frontier: Frontier
  /** Milliseconds of a target pass over this many nodes. */
  targetMs(nodes: number): number
  /**
   * Milliseconds of drafting that many levels; `widths` [depth + 1] are the nodes of each level, root first. Wider
   * never costs less.
   */
  draftMs(depth: number, widths: readonly number[]): number
  /** Milliseconds of a step outside both. */
  overheadMs: number
  /**
   * What else shares the step: its milliseconds and the tokens expected of it. Then the step as a whole takes the
   * fewest milliseconds per token. Default: nothing.
   */
  beside?: { ms: number; tokens: number }
}

/**
 * A tree size and what a step with it takes and gives.
 */
export interface ChosenPlan {
  nodes: number
  depth: number
  expectedTokens: number
  /** Draft, target and overhead. */
  ms: number
  /** Of the step as a whole. */
  msPerToken: number
}

const NOTHING = { ms: 0, tokens: 0 }

/**
 * Argmin of (draft + target + overhead + beside) / (F(m, d) + beside). Exact over all m <= N and d <= D of the
 * frontier.
 */
export function choosePlan(request: ChooseRequest): ChosenPlan {
  const { frontier, targetMs, draftMs, overheadMs, beside = NOTHING } = request
  const plainMs = targetMs(1) + overheadMs
  let best: ChosenPlan = {
    nodes: 1,
    depth: 0,
    expectedTokens: 1,
    ms: plainMs,
    msPerToken: (plainMs + beside.ms) / (1 + beside.tokens),
  }
  for (const { nodes, depth, expectedTokens, atLeast } of candidates(request, best.msPerToken)) {
    if (!(atLeast < best.msPerToken)) break
    const widths = levelWidths(frontier.tree(nodes, depth).parents, depth)
    const ms = targetMs(nodes) + draftMs(depth, widths) + overheadMs
    const msPerToken = (ms + beside.ms) / (expectedTokens + beside.tokens)
    if (msPerToken < best.msPerToken) best = { nodes, depth, expectedTokens, ms, msPerToken }
  }
  return best
}

interface Candidate {
  nodes: number
  depth: number
  expectedTokens: number
  /** Milliseconds per token if every level were one node wide: no tree of this size and depth does better. */
  atLeast: number
}

/**
 * Sizes and depths whose best tree uses that depth and may take less than `plainMs` a token, the most promising first:
 * few trees then have to be built.
 */
function candidates(
  { frontier, targetMs, draftMs, overheadMs, beside = NOTHING }: ChooseRequest,
  plainMs: number,
): Candidate[] {
  const chains = Array.from({ length: frontier.maxDepth + 1 }, (_, depth) =>
    draftMs(
      depth,
      Array.from({ length: depth + 1 }, () => 1),
    ),
  )
  const found: Candidate[] = []
  for (let nodes = 2; nodes <= frontier.maxNodes; nodes++) {
    const verifyMs = targetMs(nodes) + overheadMs + beside.ms
    for (let depth = 1; depth <= Math.min(frontier.maxDepth, nodes - 1); depth++) {
      const expectedTokens = frontier.expected(nodes, depth)
      const atLeast = (verifyMs + chains[depth]) / (expectedTokens + beside.tokens)
      if (atLeast < plainMs && expectedTokens > frontier.expected(nodes, depth - 1))
        found.push({ nodes, depth, expectedTokens, atLeast })
    }
  }
  return found.sort((a, b) => a.atLeast - b.atLeast)
}

/** [depth + 1] nodes of each level of a tree. */
export function levelWidths(parents: Int32Array, depth: number): number[] {
  const widths: number[] = Array.from({ length: depth + 1 }, () => 0)
  for (const level of depthsOf(parents)) widths[level] += 1
  return widths
}

/** [nodes] levels below the root of a tree's nodes, parents before children. */
export function depthsOf(parents: ArrayLike<number>): Int32Array {
  const depths = new Int32Array(parents.length)
  for (let node = 0; node < parents.length; node++) depths[node] = parents[node] < 0 ? 0 : depths[parents[node]] + 1
  return depths
}
