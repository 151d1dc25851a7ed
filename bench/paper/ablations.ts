/** What each part brings: the same places and budgets, with it and without. */
import type { Core } from '../../src/core/index.js'
import { bandOf } from './bands.js'
import { type Collected, coupledPaths, crossed, halfOf, type Seen } from './collect.js'
import { PAPER, type ScalabilityRow, SEQUOIA } from './scalability.js'
import { best, linksOf, tokensAlong } from './shapes.js'

export const NODES = [8, 32, 128, 512]

export interface AblationRow {
  temperature: number
  part: string
  nodes: number
  with: number
  without: number
  gain: number
  gainLow: number
  gainHigh: number
}

/** What stands for a part's absence, or, for merged guesses, for its presence. */
const COMPARED: readonly { part: string; present: string; absent: string }[] = [
  ...['chain', 'chains of 8', 'binary tree', '4-ary tree'].map((absent) => ({
    part: `dynamic program, against ${absent}`,
    present: SEQUOIA,
    absent,
  })),
  { part: 'draws without replacement', present: PAPER, absent: 'with replacement' },
  { part: 'n-grams merged', present: 'n-grams merged', absent: SEQUOIA },
]

export function ablations(core: Core, collected: Collected, rows: readonly ScalabilityRow[]): AblationRow[] {
  const { temperature } = collected
  const at = (shape: string, nodes: number): ScalabilityRow | undefined =>
    rows.find((row) => row.temperature === temperature && row.shape === shape && row.nodes === nodes)
  return NODES.flatMap((nodes) => [
    ...COMPARED.flatMap(({ part, present, absent }) => {
      const [one, other] = [at(present, nodes), at(absent, nodes)]
      if (!one || !other) return []
      // Each shape's row says how far it is ahead of Sequoia's under the same rule.
      const isBehind = part === 'n-grams merged'
      const { ahead, aheadLow, aheadHigh } = isBehind ? one : other
      const gain = isBehind ? [ahead, aheadLow, aheadHigh] : [-ahead, -aheadHigh, -aheadLow]
      const without = isBehind ? one.tokens - ahead : other.tokens
      return [
        {
          temperature,
          part,
          nodes,
          with: without + gain[0],
          without,
          gain: gain[0],
          gainLow: gain[1],
          gainHigh: gain[2],
        },
      ]
    }),
    byLevel(core, collected, nodes),
  ])
}

/** Trees planned by a vector a level against trees planned by one vector for all. */
function byLevel(core: Core, { temperature, seen }: Collected, nodes: number): AblationRow {
  const paths = coupledPaths(seen)
  const links = (levels?: number): ReturnType<typeof linksOf>[] =>
    crossed(paths, levels).map((acceptance) => linksOf(best(core, acceptance, nodes).parents))
  const [many, one] = [links(), links(1)]
  const tokens = (trees: ReturnType<typeof linksOf>[], { prompt, coupled }: Seen): number =>
    tokensAlong(trees[halfOf(prompt)], coupled)
  const bands = [
    (place: Seen) => tokens(many, place),
    (place: Seen) => tokens(one, place),
    (place: Seen) => tokens(many, place) - tokens(one, place),
  ].map((value) => bandOf(seen.map((place) => ({ prompt: place.prompt, value: value(place) }))))
  const [present, absent, { mean, low, high }] = bands
  return {
    temperature,
    part: 'acceptance by level',
    nodes,
    with: present.mean,
    without: absent.mean,
    gain: mean,
    gainLow: low,
    gainHigh: high,
  }
}
