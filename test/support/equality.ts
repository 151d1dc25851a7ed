/**
 * Runs one request twice, plain and with a pinned tree, and compares token for token. Guards against an equality that
 * holds for want of speculation: totals over all runs must show branching trees that won and lost.
 */
import * as assert from 'uvu/assert'
import type { Engine, GenerateRequest, GenerateStats } from '../../src/api/types.js'

/** Trees that branch under the root, as parent indices. */
export const TREES = {
  /** Two chains from the root. */
  fork: [-1, 0, 0, 1, 2, 3, 4],
  /** Wide first level, then a chain behind the first two. */
  bush: [-1, 0, 0, 0, 0, 1, 1, 2, 5, 8],
  /** Binary, three levels. */
  binary: [-1, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6],
} as const

export interface Totals {
  runs: number
  tokens: number
  steps: number
  drafted: number
  accepted: number
}

export function newTotals(): Totals {
  return { runs: 0, tokens: 0, steps: 0, drafted: 0, accepted: 0 }
}

export async function collect(
  engine: Engine,
  request: GenerateRequest,
): Promise<{ tokens: number[]; text: string; stats: GenerateStats }> {
  const tokens: number[] = []
  let text = ''
  let stats: GenerateStats | undefined
  for await (const part of engine.generate(request)) {
    tokens.push(...part.tokens)
    text += part.text
    stats = part.stats ?? stats
  }
  return { tokens, text, stats: stats! }
}

/** Asserts that the tree's tokens are plain decoding's, and adds what the tree did to `totals`; returns their text. */
export async function assertEqualsPlain(
  engine: Engine,
  request: GenerateRequest,
  totals: Totals,
  label: string,
): Promise<string> {
  const plain = await collect(engine, { ...request, draft: 'none', tree: undefined })
  const tree = await collect(engine, request)
  assert.equal(tree.tokens, plain.tokens, `${label}: tree decoding differs from plain decoding`)
  assert.is(tree.text, plain.text, label)
  addRun(totals, tree.stats)
  return tree.text
}

/** Adds what one run's trees did. */
export function addRun(totals: Totals, stats: GenerateStats): void {
  totals.runs += 1
  for (const what of ['tokens', 'steps', 'drafted', 'accepted'] as const) totals[what] += stats[what]
}

/** The runs must have speculated: at least so many tokens a step, nodes accepted and nodes rejected. */
export function assertSpeculated(totals: Totals, leastTokens = 1.2): void {
  const summary =
    `${totals.runs} runs, ${totals.tokens} tokens in ${totals.steps} steps ` +
    `(${(totals.tokens / totals.steps).toFixed(2)} a step), ${totals.accepted} of ${totals.drafted} draft tokens ` +
    'accepted'
  assert.ok(totals.tokens / totals.steps >= leastTokens, `too little speculation to mean anything: ${summary}`)
  assert.ok(totals.accepted > 0 && totals.accepted < totals.drafted, `trees must both win and lose: ${summary}`)
}
