/**
 * Work of several sequences that comes in passes, run side by side: whoever wants a pass says which rows, and one pass
 * is made for all who wait for the same model. So a level of drafting costs one pass, however many sequences draft.
 */
import { Turns } from '../common/turns.js'
import type { PartRunner, Passes, PassPart, PassPlace } from './pass-part.js'

/**
 * Runs works to their ends, as many as possible in each pass; logits land from row 0 on. Promises are works that take
 * none. Throws what a pass or a work throws; then all works are ended.
 */
export async function runTogether<T>(given: readonly (Passes<T> | Promise<T>)[]): Promise<T[]> {
  const works = given.map((work) => ('next' in work ? work : null))
  const results: T[] = await Promise.all(given.map((work) => ('next' in work ? (undefined as T) : work)))
  const logitRows = new Map<PartRunner, number>()
  let waiting: { at: number; part: PassPart }[] = []
  const turns = new Turns()
  const goOn = async (at: number, ...place: [] | [PassPlace]): Promise<void> => {
    const work = works[at]!
    let { done, value } = work.next(...place)
    while (!done && value === null) {
      await turns.next()
      ;({ done, value } = work.next())
    }
    if (done) results[at] = value as T
    else waiting.push({ at, part: value as PassPart })
    // What a work does between two passes may take long, as masks of grammars do: requests come in meanwhile.
    if (turns.due) await turns.next()
  }
  try {
    for (const [at, work] of works.entries()) if (work) await goOn(at)
    while (waiting.length > 0) {
      const { runner } = waiting[0].part
      let room = runner.limits.maxRows
      // First come, first served: nobody overtakes one who does not fit any more.
      const group = waiting.filter(({ part }) => part.runner === runner && (room -= part.tokens.length) >= 0)
      waiting = waiting.filter((one) => !group.includes(one))
      const firstRow = logitRows.get(runner) ?? 0
      const places = await runner.runParts(
        group.map(({ part }) => part),
        firstRow,
      )
      logitRows.set(runner, firstRow + group.reduce((sum, { part }) => sum + part.wanted.length, 0))
      // The pass itself has held up nobody.
      turns.begin()
      for (const [i, { at }] of group.entries()) await goOn(at, places[i])
    }
    return results
  } finally {
    // What has ended already takes no notice; what has not gives back what it took for the pass that failed.
    for (const work of works) work?.return(undefined as T)
  }
}
