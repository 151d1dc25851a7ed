/**
 * Guesses hung onto a tree that a model drew: one tree, whose nodes beyond the drawn ones are those that promise most
 * for their row in the target's pass. What a guess is worth beside draws is learned apart: where the model was asked
 * and said otherwise, guesses are right less often.
 */
import { GRAFTS } from '../../src/strategies/policy.js'
import { childWith, type DraftTree } from '../../src/strategies/tree.js'
import type { Plan } from '../../src/strategies/plan.js'
import type { Continuations, Guess } from './continuations.js'
import { GuessChances } from './guess-chances.js'

/** A guess; `parent` is a node of the drawn tree or, counted on from there, an earlier guess. */
export interface Graft {
  parent: number
  token: number
}

export interface GraftedTree {
  tree: DraftTree
  /** [nodes] which node of the drawn tree, or on from there which guess, each node is. */
  origins: Int32Array
}

/** A guess that may be hung on at `parent`; `worth`: chance that the walk gets there. */
interface Offer extends Graft {
  guess: Guess
  depth: number
  worth: number
  /** Whether the model drew children at its parent. */
  isBeside: boolean
}

export class Grafting {
  /** Of guesses tried where the walk came to their parent. */
  private readonly beside = new GuessChances([Float64Array.from(GRAFTS.besidePrior)])
  private drawn: DraftTree | null = null
  private chosen: Offer[] = []
  private maxDepth = 0

  /** `chance`: that a guess after a match of this length is right, where nothing was drawn beside it. */
  constructor(
    private readonly continuations: Continuations,
    private readonly chance: (match: number) => number,
  ) {}

  /**
   * What to hang onto the drawn tree, parents before children; at most so many that `maxNodes` and `maxDepth` of the
   * plan's guesses hold.
   */
  choose(drawn: DraftTree, guesses: readonly Guess[], plan: Plan): readonly Graft[] {
    this.drawn = drawn
    this.chosen = []
    if (!plan.guess || plan.msPerToken === undefined) return []
    const { maxNodes } = plan.guess
    this.maxDepth = plan.guess.maxDepth
    const size = drawn.parents.length
    const open: Offer[] = []
    this.offer(open, guesses, 0, 0, 1)
    while (open.length > 0 && size + this.chosen.length < maxNodes) {
      const best = open.reduce((most, offer) => (offer.worth > most.worth ? offer : most))
      const nodes = size + this.chosen.length
      if (best.worth * plan.msPerToken < plan.stepMs(nodes + 1) - plan.stepMs(nodes)) break
      open.splice(open.indexOf(best), 1)
      this.chosen.push(best)
      this.offer(open, this.continuations.childrenOf(best.guess), nodes, best.depth, best.worth)
    }
    return this.chosen
  }

  /**
   * Offers the likeliest guess at a node; one that was drawn already costs nothing, and what follows it is offered
   * instead. That one is guessed twice: chance = 1 - (1 - guess)^2.
   */
  private offer(open: Offer[], [guess]: readonly Guess[], parent: number, depth: number, worth: number): void {
    if (!guess || depth >= this.maxDepth) return
    const drawn = this.drawn!
    const chance = this.chance(guess.match)
    const isDrawn = parent < drawn.parents.length
    const known = isDrawn ? childWith(drawn, parent, guess.token) : -1
    if (known >= 0)
      return this.offer(open, this.continuations.childrenOf(guess), known, depth + 1, worth * (1 - (1 - chance) ** 2))
    const isBeside = isDrawn && drawn.parents.includes(parent)
    open.push({
      guess,
      parent,
      token: guess.token,
      depth: depth + 1,
      worth: worth * (isBeside ? this.beside.of(0, guess.match) : chance),
      isBeside,
    })
  }

  /**
   * Learns from the walk, whose nodes are of the drawn tree or, on from there, of the guesses. Returns how many of its
   * first nodes were drawn.
   */
  commit(path: Int32Array): number {
    const size = this.drawn!.parents.length
    this.chosen.forEach(({ parent, guess, isBeside }, i) => {
      const at = parent === 0 ? 0 : path.indexOf(parent) + 1
      if (!isBeside || (parent !== 0 && at === 0)) return
      this.beside.saw(0, guess.match, path[at] === size + i)
    })
    this.drawn = null
    const end = path.findIndex((node) => node >= size)
    return end < 0 ? path.length : end
  }
}

/** One tree in level order, each level's drawn nodes before its guesses, so that draws keep their ranks. */
export function graftedTree(drawn: DraftTree, grafts: readonly Graft[]): GraftedTree {
  const size = drawn.parents.length
  const parents = [...drawn.parents, ...grafts.map(({ parent }) => parent)]
  const tokens = [...drawn.tokens, ...grafts.map(({ token }) => token)]
  const depths = [...drawn.depths]
  for (const { parent } of grafts) depths.push(depths[parent] + 1)
  const origins = Int32Array.from(parents.keys()).sort((a, b) => depths[a] - depths[b] || a - b)
  const places = new Int32Array(origins.length)
  origins.forEach((origin, node) => (places[origin] = node))
  const tree: DraftTree = {
    ...drawn,
    parents: origins.map((origin) => (parents[origin] < 0 ? -1 : places[parents[origin]])),
    tokens: origins.map((origin) => tokens[origin]),
    depths: origins.map((origin) => depths[origin]),
    guessed: Uint8Array.from(origins, (origin) => Number(origin >= size)),
    ...(drawn.q && { q: { ...drawn.q, rows: origins.map((origin) => (origin < size ? drawn.q!.rows[origin] : -1)) } }),
  }
  return { tree, origins }
}
