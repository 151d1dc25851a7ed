/**
 * Drafts without a model: where the end of the text has occurred before (in the prompt, in the answer, or in earlier answers of this server where those are
 * kept), guess that it goes on as it did then. The most recent distinct continuations of the longest matches become one tree; what each
 * guess is worth is learned from how guesses after matches of that length fared in this sequence.
 */
import type { TreeShape, Verdict } from '../../src/core/types.js'
import { GrowingTree } from '../../src/plugin/growing-tree.js'
import type { Drafter, DraftTree, PassingDraftSession, Plan } from '../../src/plugin/index.js'
import type { Passes } from '../../src/plugin/run-together.js'
import { Continuations, type Guess } from './continuations.js'
import { Grafting, type Graft } from './grafts.js'
import type { PastOutputs } from './past-outputs.js'

export interface NgramOptions {
  /** Matches longer than this count as this long. */
  maxMatch?: number
  /** Most places in the text that are followed up. */
  maxPlaces?: number
  /** Earlier answers to guess from, too. */
  past?: PastOutputs | null
}

/** A guess that may become a node; `worth` is the probability that the walk gets there. */
interface Candidate {
  guess: Guess
  parent: Candidate | null
  depth: number
  worth: number
  node: number
}

/**
 * [rank][match - 1] prior probability that a guess is right, by its rank among siblings and the length of its match. Measured on
 * 250 sampled answers of SmolLM2-135M-Instruct (temperature 0.8, 17,000 places that had a match).
 */
const PRIOR = [
  [0.16, 0.43, 0.48, 0.63, 0.66, 0.69, 0.69, 0.87],
  [0.086, 0.14, 0.2, 0.17, 0.16, 0.16, 0.16, 0.2],
  [0.053, 0.075, 0.08, 0.1, 0.1, 0.1, 0.1, 0.1],
  [0.036, 0.04, 0.06, 0.04, 0.04, 0.04, 0.04, 0.04],
]
const RANKS = PRIOR.length
const MATCHES = PRIOR[0].length
/** Guesses of one kind that its prior stands for. */
const PRIOR_WEIGHT = 8
/** Expected accepted tokens that the first trust in the priors stands for; the memory of it, per step. */
const TRUST_WEIGHT = 2
const TRUST_MEMORY = 0.97
const DRIFT = 0.02
/** Share of the evidence on a kind of guess that is kept when the next one of its kind is tried. */
const GUESS_MEMORY = 0.98
/** A guess must promise at least this share of plain decoding's time per token: estimates err by a few percent. */
const LEAST_GAIN = 0.9

/** One whose guesses can be hung onto another's tree. */
export interface GuessingSession extends PassingDraftSession {
  /** What to hang onto a tree drawn after the text that was last drafted for. */
  graft(drawn: DraftTree, plan: Plan): readonly Graft[]
  /** Tells what became of it (`Grafting.commit`). */
  commitGrafts(path: Int32Array): number
}

export function ngramDrafter(options: NgramOptions = {}): Drafter<GuessingSession> {
  const { maxMatch = MATCHES, maxPlaces = 8, past = null } = options
  return {
    name: 'ngram',
    growth: 'deterministic',
    begin: ({ showsTrees }) => new NgramDraft(new Continuations(maxMatch, maxPlaces, showsTrees ? null : past)),
    dispose: async () => {},
  }
}

class NgramDraft implements GuessingSession {
  /** [rank][match - 1] guesses tried and found right. */
  private readonly tried = PRIOR.map(() => new Float64Array(MATCHES))
  private readonly right = PRIOR.map(() => new Float64Array(MATCHES))
  /** Tokens that the last steps' trees promised, and that were accepted: how far the estimates can be trusted in this text. */
  private promised = TRUST_WEIGHT
  private kept = TRUST_WEIGHT
  /** What the last tree promised, and the milliseconds per token that it should take. */
  private promise = 0
  private msPerToken = Infinity
  /** Last tree, and the match length of each of its nodes. */
  private tree: GrowingTree | null = null
  private matches: number[] = []
  /** Guesses after the text that was last drafted for. */
  private guesses: Guess[] = []
  private readonly grafting: Grafting

  constructor(private readonly continuations: Continuations) {
    this.grafting = new Grafting(continuations, (match) => this.chance(0, match))
  }

  async prepare(): Promise<void> {}

  // oxlint-disable-next-line require-yield -- guesses take no pass
  *draft(history: readonly number[], plan: Plan): Passes<DraftTree> {
    const guesses = plan.maxNodes > 1 ? this.continuations.of(history) : []
    this.guesses = guesses
    this.tree = new GrowingTree(history[history.length - 1])
    this.matches = [0]
    this.promise = 0
    this.msPerToken = Infinity
    if (plan.shape) this.fill(guesses, plan.shape)
    else this.grow(guesses, plan)
    return { ...this.tree.finish(), msPerToken: this.msPerToken }
  }

  /** Takes guesses by the probability of their whole path, and as many as make the step cheapest per token. */
  private grow(guesses: Guess[], plan: Plan): void {
    const open: Candidate[] = []
    const offer = (children: Guess[], parent: Candidate | null): void => {
      children.slice(0, RANKS).forEach((guess, rank) => {
        const worth = (parent?.worth ?? 1) * this.chance(rank, guess.match)
        open.push({ guess, parent, depth: (parent?.depth ?? 0) + 1, worth, node: -1 })
      })
    }
    if (plan.maxDepth > 0) offer(guesses, null)
    const taken: Candidate[] = []
    const trust = Math.min(1, this.kept / this.promised)
    let expected = 1
    let best = { size: 0, msPerToken: LEAST_GAIN * plan.stepMs(1) }
    while (open.length > 0 && taken.length + 1 < plan.maxNodes) {
      let first = 0
      for (let i = 1; i < open.length; i++) if (open[i].worth > open[first].worth) first = i
      const [candidate] = open.splice(first, 1)
      const stepMs = plan.stepMs(taken.length + 2)
      // No guess that follows is worth more, and no step costs less.
      if (stepMs / (expected + trust * candidate.worth * (plan.maxNodes - 1 - taken.length)) >= best.msPerToken) break
      taken.push(candidate)
      if (candidate.depth < plan.maxDepth) offer(this.continuations.childrenOf(candidate.guess), candidate)
      expected += trust * candidate.worth
      const msPerToken = stepMs / expected
      if (msPerToken < best.msPerToken) best = { size: taken.length, msPerToken }
    }
    const chosen = taken.slice(0, best.size)
    this.msPerToken = best.msPerToken
    this.promise = chosen.reduce((sum, { worth }) => sum + worth, 0)
    chosen.sort((a, b) => a.depth - b.depth)
    for (const candidate of chosen) candidate.node = this.add(candidate.parent?.node ?? 0, candidate.guess)
    if (chosen.length === 0) this.drift()
  }

  /** Fills a pinned shape as far as there are guesses for it. */
  private fill(guesses: Guess[], shape: TreeShape): void {
    const filled: ({ node: number; left: Guess[] } | null)[] = [{ node: 0, left: [...guesses] }]
    for (let planned = 1; planned < shape.parents.length; planned++) {
      const parent = filled[shape.parents[planned]]
      const guess = parent?.left.shift()
      filled.push(parent && guess ? { node: this.add(parent.node, guess), left: this.continuations.childrenOf(guess) } : null)
    }
  }

  private add(parent: number, guess: Guess): number {
    this.matches.push(guess.match)
    return this.tree!.add(parent, guess.token)
  }

  private chance(rank: number, match: number): number {
    const prior = PRIOR[rank][match - 1]
    return (prior * PRIOR_WEIGHT + this.right[rank][match - 1]) / (PRIOR_WEIGHT + this.tried[rank][match - 1])
  }

  commit(verdict: Verdict): void {
    const tree = this.tree!
    const walked = [0, ...verdict.path]
    walked.forEach((node, step) => {
      let rank = 0
      for (let child = node + 1; child < tree.size && rank < RANKS; child++) {
        if (tree.parents[child] !== node) continue
        const bucket = this.matches[child] - 1
        const isRight = walked[step + 1] === child
        this.tried[rank][bucket] = this.tried[rank][bucket] * GUESS_MEMORY + 1
        this.right[rank][bucket] = this.right[rank][bucket] * GUESS_MEMORY + (isRight ? 1 : 0)
        rank++
      }
    })
    this.promised = this.promised * TRUST_MEMORY + this.promise
    this.kept = this.kept * TRUST_MEMORY + verdict.path.length
    this.tree = null
  }

  /** Nothing was guessed: trust goes back to where it began, slowly, so that a text that turns repetitive is noticed. */
  private drift(): void {
    this.promised += DRIFT * (TRUST_WEIGHT - this.promised)
    this.kept += DRIFT * (TRUST_WEIGHT - this.kept)
  }

  graft(drawn: DraftTree, plan: Plan): readonly Graft[] {
    return this.grafting.choose(drawn, this.guesses, plan)
  }

  commitGrafts(path: Int32Array): number {
    return this.grafting.commit(path)
  }

  release(): void {
    this.tree = null
  }
}
