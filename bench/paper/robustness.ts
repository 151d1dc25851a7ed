/**
 * Tokens a step over temperatures and top-p, for every registered verification rule: the same shape at the same places,
 * drafted for each rule's own draws and verified over real rows of the target. Rules for chains read first children.
 */
import { verifiers } from '../../plugins/verifiers/index.js'
import type { Draws } from '../../src/strategies/draws.js'
import { pathTo } from '../../src/strategies/tree.js'
import { type Band, bandOf, type Sample } from './bands.js'
import { placesOf, type Size } from './collect.js'
import { Drawing, type Place } from './drawing.js'
import { atTemperature, type Pair, type Text } from './pair.js'
import { DraftRows, TargetRows } from './rows.js'
import { best } from './shapes.js'

export const TEMPERATURES = [0, 0.2, 0.4, 0.6, 0.8, 1, 1.2, 1.4]
export const TOP_PS = [0.7, 0.8, 0.9, 1]
export const NODES = 16

export interface RobustnessRow extends Omit<Band, 'mean'> {
  temperature: number
  topP: number
  rule: string
  tokens: number
}

export interface RobustnessSize extends Size {
  temperatures: readonly number[]
}

const RULES = [...verifiers.values()]
const DRAWS = [...new Set(RULES.map(({ draws }) => draws))]

/** `acceptance`: what the shape is planned for. */
export async function robustness(
  pair: Pair,
  texts: readonly Text[],
  acceptance: readonly Float64Array[],
  size: RobustnessSize,
): Promise<{ shape: number[]; rows: RobustnessRow[] }> {
  const { core, target } = pair
  const { parents } = best(core, acceptance, NODES)
  const logitsPtr = core.alloc(NODES * target.vocab * 4)
  const found = new Map<string, Sample[]>()
  const every = 2 * size.every * size.closely
  for (const text of texts) {
    const [draftRows, targetRows] = [new DraftRows(pair.draft), new TargetRows(target)]
    for (const length of placesOf(text, every)) {
      const here: Here = { pair, place: { text, length }, parents, draftRows, targetRows, logitsPtr }
      await draftRows.begin(text, length)
      await targetRows.begin(text, length)
      for (const temperature of size.temperatures)
        for (const draws of DRAWS)
          for (const { topP, rule, tokens } of await verified(here, temperature, draws)) {
            const key = JSON.stringify([temperature, topP, rule])
            found.set(key, [...(found.get(key) ?? []), { prompt: text.prompt, value: tokens }])
          }
    }
    draftRows.release()
    targetRows.release()
  }
  core.free(logitsPtr)
  const rows = [...found].map(([key, samples]) => {
    const [temperature, topP, rule] = JSON.parse(key) as [number, number, string]
    const { mean: tokens, low, high } = bandOf(samples)
    return { temperature, topP, rule, tokens, low, high }
  })
  return { shape: Array.from(parents), rows }
}

interface Here {
  pair: Pair
  place: Place
  parents: Int32Array
  draftRows: DraftRows
  targetRows: TargetRows
  logitsPtr: number
}

/** One tree of these draws, walked by each rule that is lossless for them. */
async function verified(
  { pair: { core, target }, place, parents, draftRows, targetRows, logitsPtr }: Here,
  temperature: number,
  draws: Draws,
): Promise<{ topP: number; rule: string; tokens: number }[]> {
  for (const rows of [draftRows, targetRows]) if (!rows.hasRoom(NODES)) await rows.begin(place.text, place.length)
  const tree = await new Drawing(core, draftRows, place, atTemperature(temperature), draws).fill(parents)
  const nodes = Array.from(tree.parents, (_, node) =>
    pathTo(tree, node).reduce((at, token) => targetRows.child(at, token), 0),
  )
  const bytes = target.vocab * 4
  for (const [node, row] of (await targetRows.rowsOf(nodes)).entries())
    core.f32(logitsPtr + node * bytes, target.vocab).set(core.f32(target.logitsAt(row), target.vocab))
  return RULES.filter((rule) => rule.draws === draws).flatMap((rule) =>
    TOP_PS.map((topP) => {
      const { path } = rule.verify(core, {
        tree,
        logitsPtr,
        vocab: target.vocab,
        sampling: atTemperature(temperature, topP),
        key: place.text.key,
        rootPosition: place.length - 1,
      })
      return { topP, rule: rule.name, tokens: path.length + 1 }
    }),
  )
}
