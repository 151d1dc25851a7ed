/** Tokens a step over budgets, for every shape: do larger trees go on paying where chains and k-ary trees do not? */
import type { Core } from '../../src/core/index.js'
import { type Band, bandOf, type Sample } from './bands.js'
import { BUDGETS, type Collected, coupledPaths, crossed, halfOf, type Halves, type Seen } from './collect.js'
import { tokensWithin } from './grown.js'
import { best, chain, chains, complete, linksOf, tokensAlong } from './shapes.js'

/** Levels of the tree of bounded depth. */
export const BOUND = 6

export interface ScalabilityRow {
  temperature: number
  shape: string
  nodes: number
  tokens: number
  low: number
  high: number
  /** What the dynamic program expects of its tree. */
  predicted?: number
  /** This shape's tokens less those of Sequoia's tree under the same rule, at the same places. */
  ahead: number
  aheadLow: number
  aheadHigh: number
}

/** Tokens of a step at a place; undefined where it was not looked at by this way. */
type Way = (seen: Seen) => number | undefined

interface Shape {
  shape: string
  /** What it is compared with, where that is not the first. */
  beside?: string
  way(nodes: number): { tokens: Way; predicted?: number }
}

export const SEQUOIA = 'Sequoia'
/** The paper's own rule. */
export const PAPER = "Sequoia, the paper's rule"

export function scalability(core: Core, { temperature, seen }: Collected): ScalabilityRow[] {
  const shapes = shapesOf(core, seen).filter(({ shape }) => temperature > 0 || !ONLY_SAMPLED.has(shape))
  return BUDGETS.flatMap((nodes) => {
    const ways = new Map(shapes.map(({ shape, way }) => [shape, way(nodes)]))
    return shapes.map(({ shape, beside = SEQUOIA }) => {
      const { tokens, predicted } = ways.get(shape)!
      const own = bandOf(samples(seen, tokens))
      const rival = ways.get(beside)!.tokens
      const ahead = bandOf(samples(seen, (one) => difference(tokens(one), rival(one))))
      return { temperature, shape, nodes, ...named(own), predicted, ...aheadOf(ahead) }
    })
  })
}

/** At temperature 0 all rules accept the same. */
const ONLY_SAMPLED: ReadonlySet<string> = new Set([PAPER, 'with replacement', 'grown, likeliest children'])

function shapesOf(core: Core, seen: readonly Seen[]): Shape[] {
  const coupled = crossed(coupledPaths(seen))
  const pathsOf = (rule: 'sequoia' | 'specinfer'): Halves =>
    crossed(seen.flatMap(({ prompt, closely }) => (closely ? [{ prompt, ranks: closely[rule] }] : [])))
  const planned = (
    shape: string,
    halves: Halves,
    ranks: (one: Seen) => number[] | undefined,
    levels?: number,
  ): Shape => ({
    shape,
    way: (nodes) => {
      const trees = halves.map((acceptance) => best(core, acceptance, nodes, levels))
      const links = trees.map(({ parents }) => linksOf(parents))
      return {
        tokens: (one) => along(links[halfOf(one.prompt)], ranks(one)),
        predicted: (trees[0].expectedTokens + trees[1].expectedTokens) / 2,
      }
    },
  })
  const made = (shape: string, parents: (nodes: number) => Int32Array): Shape => ({
    shape,
    way: (nodes) => {
      const links = linksOf(parents(nodes))
      return { tokens: (one) => along(links, one.coupled) }
    },
  })
  const grown = (shape: string, orders: 'grownOfDraws' | 'grownOfLikeliest'): Shape => ({
    shape,
    way: (nodes) => ({ tokens: ({ closely }) => closely?.[orders] && tokensWithin(closely[orders], nodes) }),
  })
  return [
    planned(SEQUOIA, coupled, ({ coupled }) => coupled),
    planned(`Sequoia, at most ${BOUND} levels`, coupled, ({ coupled }) => coupled, BOUND),
    planned(PAPER, pathsOf('sequoia'), ({ closely }) => closely?.sequoia),
    { ...planned('with replacement', pathsOf('specinfer'), ({ closely }) => closely?.specinfer), beside: PAPER },
    made('chain', chain),
    made('chains of 8', chains),
    made('binary tree', (nodes) => complete(nodes, 2)),
    made('4-ary tree', (nodes) => complete(nodes, 4)),
    grown('grown of draws', 'grownOfDraws'),
    grown('grown, likeliest children', 'grownOfLikeliest'),
    {
      shape: 'n-grams merged',
      way: (nodes) => ({ tokens: ({ closely }) => closely?.merged[BUDGETS.indexOf(nodes)] }),
    },
  ]
}

const along = (links: ReturnType<typeof linksOf>, ranks: number[] | undefined): number | undefined =>
  ranks && tokensAlong(links, ranks)

function difference(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : one - other
}

function samples(seen: readonly Seen[], way: Way): Sample[] {
  return seen.flatMap((one) => {
    const value = way(one)
    return value === undefined ? [] : [{ prompt: one.prompt, value }]
  })
}

const named = ({ mean, low, high }: Band) => ({ tokens: mean, low, high })
const aheadOf = ({ mean, low, high }: Band) => ({ ahead: mean, aheadLow: low, aheadHigh: high })

/** Shapes that are ahead of Sequoia's tree by more than their band. */
export function aheadOfSequoia(rows: readonly ScalabilityRow[]): ScalabilityRow[] {
  return rows.filter(({ aheadLow }) => aheadLow > 0)
}
