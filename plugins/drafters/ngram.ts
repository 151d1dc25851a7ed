/**
 * Drafts without a model: where the end of the text has occurred before (in the prompt, in the answer, or in earlier
 * answers of this server where those are kept), guess that it goes on as it did then. The most recent distinct
 * continuations of the longest matches become one tree; what each guess is worth is learned from how guesses after
 * matches of that length fared in this sequence, whether or not a tree tried them.
 */
import type { TreeShape, Verdict } from '../../src/core/types.js'
import { GrowingTree } from '../../src/strategies/growing-tree.js'
import type { Drafter, PassingDraftSession } from '../../src/strategies/drafter.js'
import type { DrafterEntry } from '../../src/strategies/drafter-entry.js'
import type { Plan } from '../../src/strategies/plan.js'
import type { DraftTree } from '../../src/strategies/tree.js'
import type { Passes } from '../../src/passes/pass-part.js'
import { Continuations, type Guess } from './continuations.js'
import { GuessChances, MATCHES, newPriors, RANKS } from './guess-chances.js'
import { Grafting, type Graft } from './grafts.js'
import { PastOutputs } from './past-outputs.js'
import { Trust } from './trust.js'

export interface NgramOptions {
  /** Matches longer than this count as this long. */
  maxMatch?: number
  /** Most places in the text that are followed up. */
  maxPlaces?: number
  /** Earlier answers to guess from, too. */
  past?: PastOutputs | null
}

/** A guess that may become a node; `worth`: chance that the walk gets there. */
interface Candidate {
  guess: Guess
  parent: Candidate | null
  depth: number
  worth: number
  node: number
}

/** One whose guesses can be hung onto another's tree. */
export interface GuessingSession extends PassingDraftSession {
  /** What to hang onto a tree drawn after the text that was last drafted for. */
  graft(drawn: DraftTree, plan: Plan): readonly Graft[]
  /** Tells what became of it (`Grafting.commit`). */
  commitGrafts(path: Int32Array): number
}

/** Always there: it needs no model. */
export const ngram = {
  name: 'ngram',
  open: ({ pastTokens }) => ngramDrafter({ past: pastTokens > 0 ? new PastOutputs(pastTokens) : null }),
} as const satisfies DrafterEntry<Drafter<GuessingSession>>

export function ngramDrafter(options: NgramOptions = {}): Drafter<GuessingSession> {
  const { maxMatch = MATCHES, maxPlaces = 8, past = null } = options
  /** Sampled texts repeat themselves less. */
  const [greedy, sampled] = [newPriors(), newPriors()]
  return {
    name: 'ngram',
    growth: 'deterministic',
    begin: ({ showsTrees, sampling }) =>
      new NgramDraft(
        new Continuations(maxMatch, maxPlaces, showsTrees ? null : past),
        new GuessChances(sampling.temperature === 0 ? greedy : sampled),
      ),
    ended: (text) => past?.add(text),
    dispose: async () => {},
  }
}

class NgramDraft implements GuessingSession {
  private readonly trust = new Trust()
  /** Accepted tokens that the last tree promised, and the milliseconds per token that it should take. */
  private promise = 0
  private msPerToken = Infinity
  /** Last tree, and the match length of each of its nodes. */
  private tree: GrowingTree | null = null
  private matches: number[] = []
  /** Guesses after the text that was last drafted for, and its length; -1 once what came of them is known. */
  private guesses: Guess[] = []
  private guessedAt = -1
  private readonly grafting: Grafting

  constructor(
    private readonly continuations: Continuations,
    private readonly chances: GuessChances,
  ) {
    this.grafting = new Grafting(continuations, (match) => chances.of(0, match))
  }

  async prepare(): Promise<void> {}

  // oxlint-disable-next-line require-yield -- guesses take no pass
  *draft(history: readonly number[], plan: Plan): Passes<DraftTree> {
    this.learn(history)
    const guesses = plan.maxNodes > 1 ? this.continuations.of(history) : []
    this.guesses = guesses
    this.guessedAt = history.length
    this.tree = new GrowingTree(history[history.length - 1])
    this.matches = [0]
    this.promise = 0
    this.msPerToken = Infinity
    if (plan.shape) this.fill(guesses, plan.shape)
    else this.grow(guesses, plan)
    return { ...this.tree.finish(), msPerToken: this.msPerToken }
  }

  /** What came after the text that was last drafted for tells of the guesses after it, though no tree held them. */
  private learn(history: readonly number[]): void {
    if (this.guessedAt < 0 || this.guessedAt >= history.length) return
    const token = history[this.guessedAt]
    for (let rank = 0; rank < Math.min(RANKS, this.guesses.length); rank++)
      this.chances.saw(rank, this.guesses[rank].match, this.guesses[rank].token === token)
  }

  /** Takes guesses by the probability of their whole path, and as many as make the step cheapest per token. */
  private grow(guesses: Guess[], plan: Plan): void {
    const open: Candidate[] = []
    const offer = (children: Guess[], parent: Candidate | null): void => {
      children.slice(0, RANKS).forEach((guess, rank) => {
        const worth = (parent?.worth ?? 1) * this.chances.of(rank, guess.match)
        open.push({ guess, parent, depth: (parent?.depth ?? 0) + 1, worth, node: -1 })
      })
    }
    if (plan.maxDepth > 0) offer(guesses, null)
    const taken: Candidate[] = []
    const trust = this.trust.factor
    let expected = 1
    let best = { size: 0, msPerToken: plan.stepMs(1) }
    while (open.length > 0 && taken.length + 1 < plan.maxNodes) {
      let first = 0
      for (let i = 1; i < open.length; i++) if (open[i].worth > open[first].worth) first = i
      const [candidate] = open.splice(first, 1)
      // No guess that follows is worth more.
      if (leastMsPerToken(plan, taken.length + 1, expected, trust * candidate.worth) >= best.msPerToken) break
      taken.push(candidate)
      if (candidate.depth < plan.maxDepth) offer(this.continuations.childrenOf(candidate.guess), candidate)
      expected += trust * candidate.worth
      const msPerToken = plan.stepMs(taken.length + 1) / expected
      if (msPerToken < best.msPerToken) best = { size: taken.length, msPerToken }
    }
    const chosen = taken.slice(0, best.size)
    this.msPerToken = best.msPerToken
    this.promise = chosen.reduce((sum, { worth }) => sum + worth, 0)
    chosen.sort((a, b) => a.depth - b.depth)
    for (const candidate of chosen) candidate.node = this.add(candidate.parent?.node ?? 0, candidate.guess)
    if (chosen.length === 0) this.trust.drift()
  }

  /** Fills a pinned shape as far as there are guesses for it. */
  private fill(guesses: Guess[], shape: TreeShape): void {
    const filled: ({ node: number; left: Guess[] } | null)[] = [{ node: 0, left: [...guesses] }]
    for (let planned = 1; planned < shape.parents.length; planned++) {
      const parent = filled[shape.parents[planned]]
      const guess = parent?.left.shift()
      filled.push(
        parent && guess ? { node: this.add(parent.node, guess), left: this.continuations.childrenOf(guess) } : null,
      )
    }
  }

  private add(parent: number, guess: Guess): number {
    this.matches.push(guess.match)
    return this.tree!.add(parent, guess.token)
  }

  commit(verdict: Verdict): void {
    const tree = this.tree!
    const walked = [0, ...verdict.path]
    walked.forEach((node, step) => {
      let rank = 0
      for (let child = node + 1; child < tree.size && rank < RANKS; child++) {
        if (tree.parents[child] !== node) continue
        this.chances.saw(rank++, this.matches[child], walked[step + 1] === child)
      }
    })
    this.trust.saw(this.promise, verdict.path.length)
    this.tree = null
    this.guessedAt = -1
  }

  graft(drawn: DraftTree, plan: Plan): readonly Graft[] {
    return this.grafting.choose(drawn, this.guesses, plan)
  }

  commitGrafts(path: Int32Array): number {
    return this.grafting.commit(path)
  }

  release(): void {
    this.chances.teach()
    this.tree = null
  }
}

/**
 * A bound from below of a step's milliseconds per token with any number of guesses more, of this worth each:
 * min over m = 1, 2, 4, ... of stepMs(nodes + m) / (expected + 2 m worth).
 */
function leastMsPerToken({ stepMs, maxNodes }: Plan, nodes: number, expected: number, worth: number): number {
  let least = Infinity
  for (let more = 1; nodes + more <= maxNodes; more *= 2)
    least = Math.min(least, stepMs(nodes + more) / (expected + 2 * more * worth))
  return least
}
