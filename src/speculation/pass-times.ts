/**
 * What passes cost on this machine: t(n, S) = a(n) + b(n) S milliseconds for n rows at S live slots, measured at a few
 * n and two S and interpolated between. Attention reads every live slot, so a long context makes each row dearer.
 */

export interface PassTimes {
  /** Measured row counts, ascending, first is 1. */
  rows: number[]
  /** Milliseconds at no context, per entry of `rows`. */
  baseMs: number[]
  /** Milliseconds per live slot, per entry of `rows`. */
  slotMs: number[]
}

export interface Profile extends PassTimes {
  /** Milliseconds of drawing one token, or one node's children, from a row of logits. */
  drawMs: number
  /** What `hasEqualBits` found, where its passes take too long to be made at every start. */
  isExact?: boolean
  /** [size] passes in use that its times rest on as well; absent: none. */
  seen?: number[]
  /** What passes took in use says that the machine was busy while they were timed: worth timing anew. */
  isDoubtful?: boolean
  /** How often they were timed. */
  timings?: number
}

/**
 * Milliseconds of a pass of `rows` rows at `slots` live slots; beyond the last measured size the last slope goes on.
 * `places`: rows that attention works on, where several sequences' rows are filled up to equal groups
 * (`src/runtime/pass-inputs.ts`).
 */
export function passMs({ rows: sizes, baseMs, slotMs }: PassTimes, rows: number, slots: number, places = rows): number {
  return between(sizes, baseMs, rows) + between(sizes, slotMs, places) * slots
}

function between(sizes: readonly number[], values: readonly number[], rows: number): number {
  if (rows <= sizes[0] || sizes.length === 1) return values[0]
  let i = 1
  while (i < sizes.length - 1 && sizes[i] < rows) i++
  const share = (rows - sizes[i - 1]) / (sizes[i] - sizes[i - 1])
  return values[i - 1] + share * (values[i] - values[i - 1])
}
