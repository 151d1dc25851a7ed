/** Gives the lanes of one buffer `[slots, lanes, row]` other places, within the buffer or in a new one. */

/** Lengths are elements. */
export interface LaneMove {
  slots: number
  /** Of one slot in all lanes, before and after. */
  before: number
  after: number
  runs: readonly Run[]
}

/** Neighbouring lanes that stay neighbours: one copy. */
interface Run {
  from: number
  to: number
  length: number
}

/** Lane i gets what lane `lanesFrom[i]` held (-1: nothing), in so many slots of `lanes` lanes. */
export function laneMove(lanesFrom: readonly number[], lanes: number, slots: number, row: number): LaneMove {
  const runs: Run[] = []
  lanesFrom.forEach((lane, to) => {
    if (lane < 0) return
    const last = runs[runs.length - 1]
    if (last && lane > 0 && lanesFrom[to - 1] === lane - 1) last.length += row
    else runs.push({ from: lane * row, to: to * row, length: row })
  })
  return { slots, before: lanes * row, after: lanesFrom.length * row, runs }
}

interface Elements {
  slice(from: number, to: number): this
  subarray(from: number, to: number): this
  set(values: ArrayLike<number>, at?: number): void
}

/**
 * `source` may be `target`: slots that move up go from the last on, those that move down from the first on, so that
 * nothing is written over before it is read.
 */
export function moveLanes<T extends Elements & ArrayLike<number>>(source: T, target: T, move: LaneMove): void {
  const { slots, before, after, runs } = move
  const whole = source.slice(0, before)
  for (let i = 0; i < slots; i++) {
    const slot = after > before ? slots - 1 - i : i
    whole.set(source.subarray(slot * before, (slot + 1) * before))
    for (const { from, to, length } of runs) target.set(whole.subarray(from, from + length), slot * after + to)
  }
}
