/** How many items a list may have, those of its first places counted. */
import { countOf, itemsOf, refused, type Schema } from './schema-keywords.js'
import type { LengthRange } from './schema-strings.js'

/** Longest list whose length can be asked for. */
const MOST_ITEMS = 10_000

/** `most` is infinite where nothing bounds it. All first places come. */
export function itemRange(schema: Schema, at: string): LengthRange {
  const { firsts, rest } = itemsOf(schema, at)
  const least = Math.max(firsts.length, countOf(schema, 'minItems', at, 0, MOST_ITEMS))
  const asked = countOf(schema, 'maxItems', at, Infinity, MOST_ITEMS)
  const most = rest === undefined ? Math.min(asked, firsts.length) : asked
  if (least > most) throw refused(at, '"minItems", "maxItems", "prefixItems" and "items" contradict each other')
  return { least, most }
}
