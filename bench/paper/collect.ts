/**
 * What all tables are made of: texts written by the target, and at places in them how far each way of guessing and
 * verifying gets. Passes of the models happen here; tables are counted from what comes out.
 */
import { ngramDrafter } from '../../plugins/drafters/ngram.js'
import { verifiers } from '../../plugins/verifiers/index.js'
import { GROWN_CHANCE } from '../../src/strategies/policy.js'
import { Drawing } from './drawing.js'
import { grownOrders } from './grown.js'
import { type BestTrees, MergedTrees } from './merged.js'
import { atTemperature, type Pair, questions, type Text, write } from './pair.js'
import { pathAsWritten, StarWalk } from './rank-paths.js'
import { DraftRows, TargetRows } from './rows.js'
import { best, MOST_LEVELS } from './shapes.js'
import { vectorsOf } from './vectors.js'

export const BUDGETS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]

export interface Size {
  prompts: number
  /** Tokens of an answer. */
  answer: number
  /** Tokens between two places. */
  every: number
  /** Of so many places one is looked at by all ways. */
  closely: number
}

/** One place in a text. */
export interface Seen {
  prompt: number
  /** Path of accepted ranks by coupling. */
  coupled: number[]
  closely: Closely | null
}

export interface Closely {
  /** Paths of accepted ranks by rule. */
  sequoia: number[]
  specinfer: number[]
  /** Orders of the text's tokens in a tree grown of coupled draws, and in one of the likeliest children. */
  grownOfDraws: number[]
  grownOfLikeliest: number[]
  /** [budgets] tokens a step with n-grams merged. */
  merged: number[]
}

export interface Collected {
  temperature: number
  texts: readonly Text[]
  seen: Seen[]
}

/** Vectors for the prompts of each half, counted on the other half. */
export type Halves = readonly [Float64Array[], Float64Array[]]

export const halfOf = (prompt: number): 0 | 1 => (prompt % 2 === 0 ? 0 : 1)

export function crossed(seen: readonly { prompt: number; ranks: readonly number[] }[], levels?: number): Halves {
  const of = (half: number): Float64Array[] =>
    vectorsOf(
      seen.filter(({ prompt }) => halfOf(prompt) !== half).map(({ ranks }) => ranks),
      levels,
    )
  return [of(0), of(1)]
}

export const coupledPaths = (seen: readonly Seen[]): { prompt: number; ranks: number[] }[] =>
  seen.map(({ prompt, coupled }) => ({ prompt, ranks: coupled }))

/** Places of a text: every so many tokens, from the answer's first token on. */
export function placesOf({ start, end }: Pick<Text, 'start' | 'end'>, every: number): number[] {
  return Array.from({ length: Math.ceil((end - start) / every) }, (_, i) => start + 1 + i * every)
}

export async function collect(pair: Pair, size: Size, temperature: number): Promise<Collected> {
  const texts: Text[] = []
  const sampling = atTemperature(temperature)
  for (const [i, question] of questions(size.prompts).entries())
    texts.push(await write(pair, question, i, sampling, size.answer, MOST_LEVELS))
  const seen: Seen[] = []
  for (const text of texts) {
    const rows = new DraftRows(pair.draft)
    for (const length of placesOf(text, size.every)) {
      await rows.begin(text, length)
      const coupled = await pathAsWritten(pair.core, rows, { text, length })
      seen.push({ prompt: text.prompt, coupled, closely: null })
    }
    rows.release()
  }
  await lookClosely(pair, size, { temperature, texts, seen })
  return { temperature, texts, seen }
}

/** Adds what takes passes of the target or trees of their own, at every so many places. */
async function lookClosely(pair: Pair, size: Size, { temperature, texts, seen }: Collected): Promise<void> {
  const { core } = pair
  const vectors = crossed(coupledPaths(seen))
  const trees = vectors.map((acceptance) => bestTrees(pair, acceptance))
  const ngrams = ngramDrafter()
  let at = 0
  for (const text of texts) {
    const [draft, target] = [new DraftRows(pair.draft), new TargetRows(pair.target)]
    const stars = new StarWalk(core, draft, target)
    const merged = new MergedTrees(ngrams, text)
    const [first] = vectors[halfOf(text.prompt)]
    for (const length of placesOf(text, size.every)) {
      const here = seen[at++]
      merged.goTo(text, length)
      if ((at - 1) % size.closely > 0) continue
      const place = { text, length }
      const truth = text.tokens.slice(length, length + MOST_LEVELS)
      await draft.begin(text, length)
      await target.begin(text, length)
      const drawn = (draws: 'coupled' | 'top-k'): Drawing => new Drawing(core, draft, place, text.sampling, draws)
      // As the product's planner for grown trees weighs rank and q (`plugins/planners/dynamic.ts`).
      const chance = (rank: number, q: number): number =>
        temperature === 0 ? q : Math.min(1, GROWN_CHANCE.rank * (first[rank] ?? 0) + GROWN_CHANCE.q * q)
      const reached = {
        sequoia: await stars.path(verifiers.get('sequoia')!, text.sampling, place),
        specinfer: await stars.path(verifiers.get('specinfer')!, text.sampling, place),
        grownOfDraws: await grownOrders(drawn('coupled'), truth, chance),
        grownOfLikeliest: await grownOrders(drawn('top-k'), truth, (_, q) => q),
      }
      await draft.begin(text, length)
      const best = trees[halfOf(text.prompt)]
      here.closely = { ...reached, merged: await merged.tokens(drawn('coupled'), best, truth, BUDGETS) }
    }
    merged.release()
    stars.dispose()
    draft.release()
    target.release()
  }
}

function bestTrees({ core }: Pair, acceptance: readonly Float64Array[]): BestTrees {
  const known = new Map<number, ReturnType<typeof best>>()
  const tree = (nodes: number): ReturnType<typeof best> => {
    const found = known.get(nodes) ?? best(core, acceptance, nodes)
    known.set(nodes, found)
    return found
  }
  return { parents: (nodes) => tree(nodes).parents, expected: (nodes) => tree(nodes).expectedTokens }
}
