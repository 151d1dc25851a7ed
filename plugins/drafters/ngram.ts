/**
 * Drafts without a model: where the end of the text has occurred before (in the prompt or in the answer), guess that it
 * goes on as it did then. The most recent distinct continuations of the longest matches become one tree; what each
 * guess is worth is learned from how guesses after matches of that length fared in this sequence.
 */
import type { TreeShape, Verdict } from '../../src/core/types.js'
import { GrowingTree } from '../../src/plugin/growing-tree.js'
import type { Drafter, DraftSession, DraftTree, Plan } from '../../src/plugin/index.js'

export interface NgramOptions {
  /** Matches longer than this count as this long. */
  maxMatch?: number
  /** Most places in the text that are followed up. */
  maxPlaces?: number
}

/** A guessed token in the trie of continuations. */
interface Guess {
  token: number
  /** Tokens before this one that matched, capped. */
  match: number
  children: Guess[]
}

/** A guess that may become a node; `worth` is the probability that the walk gets there. */
interface Candidate {
  guess: Guess
  parent: Candidate | null
  depth: number
  worth: number
  node: number
}

/** Prior probability that a guess after a match of 1, 2, ... tokens is right (short trial on chat text), by rank among siblings. */
const PRIOR = [0.2, 0.36, 0.48, 0.56, 0.62, 0.66, 0.7, 0.74]
const RANK_SHARE = [1, 0.25, 0.12, 0.07]
const PRIOR_WEIGHT = 6

export function ngramDrafter(options: NgramOptions = {}): Drafter {
  const { maxMatch = PRIOR.length, maxPlaces = 8 } = options
  return {
    name: 'ngram',
    growth: 'deterministic',
    begin: () => new NgramDraft(maxMatch, maxPlaces),
    dispose: async () => {},
  }
}

class NgramDraft implements DraftSession {
  /** [rank][match - 1] guesses tried and found right. */
  private readonly tried = RANK_SHARE.map(() => new Float64Array(PRIOR.length))
  private readonly right = RANK_SHARE.map(() => new Float64Array(PRIOR.length))
  /** Last tree, and the match length of each of its nodes. */
  private tree: GrowingTree | null = null
  private matches: number[] = []

  constructor(
    private readonly maxMatch: number,
    private readonly maxPlaces: number,
  ) {}

  async prepare(): Promise<void> {}

  async draft(history: readonly number[], plan: Plan): Promise<DraftTree> {
    const guesses = plan.maxNodes > 1 ? this.lookUp(history, plan.maxDepth) : []
    this.tree = new GrowingTree(history[history.length - 1])
    this.matches = [0]
    if (plan.shape) this.fill(guesses, plan.shape)
    else this.grow(guesses, plan)
    return this.tree.finish()
  }

  /** Continuations of earlier occurrences of the text's end, longest match and most recent first, as a trie. */
  private lookUp(history: readonly number[], maxDepth: number): Guess[] {
    const end = history.length - 1
    const places: { at: number; match: number }[] = []
    for (let at = end - 1; at >= 0; at--) {
      if (history[at] !== history[end]) continue
      let match = 1
      while (match < this.maxMatch && at - match >= 0 && history[at - match] === history[end - match]) match++
      places.push({ at, match })
    }
    places.sort((a, b) => b.match - a.match || b.at - a.at)
    const roots: Guess[] = []
    for (const { at, match } of places.slice(0, this.maxPlaces)) {
      let level = roots
      for (let depth = 0; depth < maxDepth && at + 1 + depth <= end; depth++) {
        const token = history[at + 1 + depth]
        let guess = level.find((other) => other.token === token)
        if (!guess) level.push((guess = { token, match: Math.min(match + depth, this.maxMatch), children: [] }))
        level = guess.children
      }
    }
    return roots
  }

  /** Takes guesses by the probability of their whole path, and as many as make the step cheapest per token. */
  private grow(guesses: Guess[], plan: Plan): void {
    const open: Candidate[] = []
    const offer = (children: Guess[], parent: Candidate | null): void => {
      children.slice(0, RANK_SHARE.length).forEach((guess, rank) => {
        const worth = (parent?.worth ?? 1) * this.chance(rank, guess.match)
        open.push({ guess, parent, depth: (parent?.depth ?? 0) + 1, worth, node: -1 })
      })
    }
    offer(guesses, null)
    const taken: Candidate[] = []
    let expected = 1
    let best = { size: 0, msPerToken: plan.stepMs(1) }
    while (open.length > 0 && taken.length + 1 < plan.maxNodes) {
      let first = 0
      for (let i = 1; i < open.length; i++) if (open[i].worth > open[first].worth) first = i
      const [candidate] = open.splice(first, 1)
      taken.push(candidate)
      offer(candidate.guess.children, candidate)
      expected += candidate.worth
      const msPerToken = plan.stepMs(taken.length + 1) / expected
      if (msPerToken < best.msPerToken) best = { size: taken.length, msPerToken }
    }
    const kept = taken.slice(0, best.size)
    kept.sort((a, b) => a.depth - b.depth)
    for (const candidate of kept) candidate.node = this.add(candidate.parent?.node ?? 0, candidate.guess)
  }

  /** Fills a pinned shape as far as there are guesses for it. */
  private fill(guesses: Guess[], shape: TreeShape): void {
    const filled: ({ node: number; left: Guess[] } | null)[] = [{ node: 0, left: [...guesses] }]
    for (let planned = 1; planned < shape.parents.length; planned++) {
      const parent = filled[shape.parents[planned]]
      const guess = parent?.left.shift()
      filled.push(parent && guess ? { node: this.add(parent.node, guess), left: [...guess.children] } : null)
    }
  }

  private add(parent: number, guess: Guess): number {
    this.matches.push(guess.match)
    return this.tree!.add(parent, guess.token)
  }

  private chance(rank: number, match: number): number {
    const prior = PRIOR[match - 1] * RANK_SHARE[rank]
    return (prior * PRIOR_WEIGHT + this.right[rank][match - 1]) / (PRIOR_WEIGHT + this.tried[rank][match - 1])
  }

  commit(verdict: Verdict): void {
    const tree = this.tree!
    const walked = [0, ...verdict.path]
    walked.forEach((node, step) => {
      let rank = 0
      for (let child = node + 1; child < tree.size && rank < RANK_SHARE.length; child++) {
        if (tree.parents[child] !== node) continue
        const bucket = this.matches[child] - 1
        this.tried[rank][bucket] += 1
        if (walked[step + 1] === child) this.right[rank][bucket] += 1
        rank++
      }
    })
    this.tree = null
  }

  release(): void {
    this.tree = null
  }
}
