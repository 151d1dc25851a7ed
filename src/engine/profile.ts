/**
 * What passes cost on this machine: t(n, S) = a(n) + b(n) S milliseconds for n rows at S live slots, measured at a few
 * n and two S and interpolated between (DESIGN.md: t depends on n AND on the context).
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
  /** Outcome of the start-up check (`self-check.ts`), where its passes take too long to be made at every start. */
  isExact?: boolean
}

/** Milliseconds of a pass of `rows` rows at `slots` live slots; beyond the last measured size the last slope goes on. */
export function passMs(profile: PassTimes, rows: number, slots: number): number {
  const { rows: sizes } = profile
  const at = (i: number): number => profile.baseMs[i] + profile.slotMs[i] * slots
  if (rows <= sizes[0] || sizes.length === 1) return at(0)
  let i = 1
  while (i < sizes.length - 1 && sizes[i] < rows) i++
  const share = (rows - sizes[i - 1]) / (sizes[i] - sizes[i - 1])
  return at(i - 1) + share * (at(i) - at(i - 1))
}
