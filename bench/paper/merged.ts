/**
 * The dynamic program's tree with n-gram guesses hung onto it, of a given number of nodes in all: guesses take the
 * place of those nodes that the dynamic program expects less of.
 */
import type { Drafter } from '../../src/strategies/drafter.js'
import { childWith, type DraftTree } from '../../src/strategies/tree.js'
import { graftedTree } from '../../plugins/drafters/grafts.js'
import type { GuessingSession } from '../../plugins/drafters/ngram.js'
import type { Drawing } from './drawing.js'
import type { Text } from './pair.js'
import { MOST_LEVELS } from './shapes.js'

/** The size whose trees teach how often guesses beside draws are right. */
const TAUGHT_BY = 64

/** Best trees of every size, and what they are expected to bring. */
export interface BestTrees {
  parents(nodes: number): Int32Array
  expected(nodes: number): number
}

export class MergedTrees {
  private readonly session: GuessingSession
  private readonly history: number[]

  constructor(ngrams: Drafter<GuessingSession>, { tokens, start, sampling, key }: Text) {
    this.session = ngrams.begin({ sampling, key, draws: 'coupled' })
    this.history = tokens.slice(0, start)
  }

  /** Learns from the text up to `length` tokens, and guesses after it. */
  goTo({ tokens }: Text, length: number): void {
    while (this.history.length < length) {
      this.history.push(tokens[this.history.length])
      // A plan without room: guesses are noted, and no tree is made of them.
      const plan = { maxNodes: 2, maxDepth: 0, maxQRows: 0, among: 1, stepMs: () => 1 }
      this.session.draft(this.history, plan).next()
    }
  }

  /** [budgets] tokens of a step of each size. */
  async tokens(
    drawing: Drawing,
    best: BestTrees,
    truth: readonly number[],
    budgets: readonly number[],
  ): Promise<number[]> {
    const found: number[] = []
    for (const nodes of budgets) {
      const marginal = nodes < 2 ? 1 : (best.expected(nodes) - best.expected(nodes >> 1)) / (nodes - (nodes >> 1))
      const plan = (most: number) => ({
        maxNodes: nodes,
        maxDepth: MOST_LEVELS,
        maxQRows: nodes,
        among: 1,
        msPerToken: 1,
        stepMs: (rows: number) => rows * marginal,
        guess: { maxNodes: most, maxDepth: MOST_LEVELS, stepMs: () => 1 },
      })
      const whole = await drawing.fill(best.parents(nodes))
      const wanted = rounded(this.session.graft(whole, plan(nodes + (nodes >> 1))).length, nodes)
      const drawn = wanted === 0 ? whole : await drawing.fill(best.parents(nodes - wanted))
      const { tree, origins } = graftedTree(drawn, this.session.graft(drawn, plan(nodes)))
      const path = pathOf(tree, truth)
      if (nodes === TAUGHT_BY) this.session.commitGrafts(Int32Array.from(path, (node) => origins[node]))
      found.push(path.length + 1)
    }
    return found
  }

  release(): void {
    this.session.release()
  }
}

/** Up to an eighth of the nodes, at most half of them: trees of few sizes have then to be planned. */
export function rounded(count: number, nodes: number): number {
  const step = Math.max(1, nodes >> 3)
  return Math.min(nodes >> 1, Math.ceil(count / step) * step)
}

/** The nodes that hold what comes. */
function pathOf(tree: DraftTree, truth: readonly number[]): number[] {
  const path: number[] = []
  for (const token of truth) {
    const child = childWith(tree, path.at(-1) ?? 0, token)
    if (child < 0) break
    path.push(child)
  }
  return path
}
