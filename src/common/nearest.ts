/** What somebody meant who mistyped a name. */
import { distance } from 'fastest-levenshtein'

/** Changes of a letter that a mistyped name may have, at most; shorter names have fewer. */
const MOST_CHANGES = 3

/** ` (did you mean "serve"?)`, or nothing where no known name is near. */
export function didYouMean(given: string, known: readonly string[]): string {
  const byDistance = known.map((name) => ({ name, changes: distance(given, name) }))
  const [nearest] = byDistance.sort((a, b) => a.changes - b.changes)
  const isNear = nearest && nearest.changes <= Math.min(MOST_CHANGES, Math.floor(nearest.name.length / 2))
  return isNear ? ` (did you mean ${JSON.stringify(nearest.name)}?)` : ''
}
