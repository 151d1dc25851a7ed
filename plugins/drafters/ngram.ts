/**
 * Drafts without a model: where the end of the text has occurred before (in the prompt, in the answer, or in earlier answers of this server where those are
 * kept), guess that it goes on as it did then. The most recent distinct continuations of the longest matches become one tree; what each
 * guess is worth is learned from how guesses after matches of that length fared in this sequence.
 */
import type { TreeShape, Verdict } from '../../src/core/types.js'
import { GrowingTree } from '../../src/plugin/growing-tree.js'
import type { Drafter, DraftTree, PassingDraftSession, Plan } from '../../src/plugin/index.js'
import type { Passes } from '../../src/plugin/run-together.js'
import type { PastOutputs, PastPlace } from './past-outputs.js'

export interface NgramOptions {
  /** Matches longer than this count as this long. */
  maxMatch?: number
  /** Most places in the text that are followed up. */
  maxPlaces?: number
  /** Earlier answers to guess from, too. */
  past?: PastOutputs | null
}

/** A guessed token: a node of the trie of continuations, whose children are looked up when they are asked for. */
interface Guess {
  token: number
  /** Tokens before this one that matched, capped. */
  match: number
  /** Tokens from the places' ends to this one. */
  depth: number
  /** Places whose continuations come along here. */
  places: PastPlace[]
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

export function ngramDrafter(options: NgramOptions = {}): Drafter<PassingDraftSession> {
  const { maxMatch = MATCHES, maxPlaces = 8, past = null } = options
  return {
    name: 'ngram',
    growth: 'deterministic',
    begin: ({ showsTrees }) => new NgramDraft(maxMatch, maxPlaces, showsTrees ? null : past),
    dispose: async () => {},
  }
}

class NgramDraft implements PassingDraftSession {
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

  constructor(
    private readonly maxMatch: number,
    private readonly maxPlaces: number,
    private readonly past: PastOutputs | null,
  ) {}

  async prepare(): Promise<void> {}

  // oxlint-disable-next-line require-yield -- guesses take no pass
  *draft(history: readonly number[], plan: Plan): Passes<DraftTree> {
    const guesses = plan.maxNodes > 1 ? this.lookUp(history) : []
    this.tree = new GrowingTree(history[history.length - 1])
    this.matches = [0]
    this.promise = 0
    this.msPerToken = Infinity
    if (plan.shape) this.fill(guesses, plan.shape)
    else this.grow(guesses, plan)
    return { ...this.tree.finish(), msPerToken: this.msPerToken }
  }

  /** Continuations of earlier occurrences of the text's end, longest match first, then this text's own, then most recent, as a trie. */
  private lookUp(history: readonly number[]): Guess[] {
    const end = history.length - 1
    const places: PastPlace[] = []
    for (let at = end - 1; at >= 0; at--) {
      if (history[at] !== history[end]) continue
      let match = 1
      while (match < this.maxMatch && at - match >= 0 && history[at - match] === history[end - match]) match++
      places.push({ match, next: (depth) => history[at + 1 + depth] })
    }
    if (this.past) places.push(...this.past.find(history, this.maxMatch, this.maxPlaces))
    places.sort((a, b) => b.match - a.match)
    return this.after(places.slice(0, this.maxPlaces), 0)
  }

  /** What comes next at these places, `depth` tokens on. */
  private after(places: readonly PastPlace[], depth: number): Guess[] {
    const guesses: Guess[] = []
    for (const place of places) {
      const token = place.next(depth)
      if (token === undefined) continue
      const known = guesses.find((other) => other.token === token)
      if (known) known.places.push(place)
      else guesses.push({ token, match: Math.min(place.match + depth, this.maxMatch), depth, places: [place] })
    }
    return guesses
  }

  private childrenOf({ places, depth }: Guess): Guess[] {
    return this.after(places, depth + 1)
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
      if (candidate.depth < plan.maxDepth) offer(this.childrenOf(candidate.guess), candidate)
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
      filled.push(parent && guess ? { node: this.add(parent.node, guess), left: this.childrenOf(guess) } : null)
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

  release(): void {
    this.tree = null
  }
}
