/**
 * Corrects the measured times of one model's passes by what passes take in use. Of a pass of n rows:
 *
 *     off      = ln(actualMs / measuredMs) - shape(n)
 *     speed    = median of the last 8 passes' off          the machine's, which all sizes share
 *     shape[i] = shape[i] + mean of (off - speed)          how wrong this size is beside the others, over 32 passes
 *     level    = mean of speed over 100 passes             how wrong all are
 *
 *     corrected[i] = measured[i] exp(shape[i] + level)
 *
 * Only a pass among passes of other sizes says how its size compares. One between two measured sizes counts for both,
 * by what each has of its time. A size that was never used is taken to be as wrong as its neighbours were. A disturbed
 * pass moves a mean by no more than `EVIDENCE.outlier` allows.
 *
 * Where passes take much less than measured, the machine was busy while they were timed, and larger sizes than were
 * used since may look dear by chance. Where only small ones were used, the others get the benefit of the doubt, 1.2
 * times as long for each doubling of the rows, so that trees are tried and their real times seen.
 */
import { CORRECTIONS, EVIDENCE, PLANNING } from '../strategies/policy.js'
import { passMs, type PassTimes, type Profile } from './pass-times.js'

/** Passes that the time of a size stands for that was never used. */
const UNUSED_WEIGHT = 0.01

/** Most trees are no larger: up to here sizes that were never used leave a profile in doubt. */
const USUAL_ROWS = 8

/** Tokens at which sizes are compared. */
const USUAL_CONTEXT = 256

interface Pass {
  readonly rows: number
  off: number
}

export class PassCorrections {
  private measured!: PassTimes
  /** [size] ln of the correction beside the others', passes that it rests on, and passes of this size at all. */
  private shape: number[] = []
  private told: number[] = []
  private used: number[] = []
  private level = { mean: 0, passes: 0 }
  /** The last ones. */
  private recent: Pass[] = []
  private waiting = 0

  /** `profile` is corrected in place. */
  constructor(private readonly profile: Profile) {
    this.restart()
  }

  /** The profile was measured anew. */
  restart(): void {
    const { rows, baseMs, slotMs, seen } = this.profile
    this.measured = { rows: [...rows], baseMs: [...baseMs], slotMs: [...slotMs] }
    this.shape = rows.map(() => 0)
    this.told = rows.map((_, i) => seen?.[i] ?? 0)
    this.used = [...this.told]
    this.level = { mean: 0, passes: EVIDENCE.prior }
    this.recent = []
    this.waiting = 0
  }

  /** Whether enough passes have come since the profile was corrected last. */
  get isDue(): boolean {
    return this.waiting >= PLANNING.steps
  }

  /** A pass of `rows` rows at `slots` live slots was made for one sequence, all rows' logits wanted. */
  saw(rows: number, slots: number, ms: number): void {
    const ratio = Math.log(ms / passMs(this.measured, rows, slots))
    if (!Number.isFinite(ratio)) return
    const near = sharesOf(this.measured, rows, slots)
    const off = ratio - Math.log(near.reduce((sum, { at, share }) => sum + share * Math.exp(this.shape[at]), 0))
    for (const { at, share } of near) this.used[at] += share
    const others = this.recent.filter((pass) => pass.rows !== rows).length
    if (2 * others > EVIDENCE.recent) this.compare(near, off - this.speed)
    this.recent.push({ rows, off })
    if (this.recent.length > EVIDENCE.recent) this.recent.shift()
    const { level } = this
    level.passes = Math.min(EVIDENCE.memory, level.passes + 1)
    level.mean += (this.speed - level.mean) / level.passes
    this.waiting += 1
  }

  private get speed(): number {
    return this.recent.map(({ off }) => off).sort((a, b) => a - b)[this.recent.length >> 1]
  }

  private compare(near: readonly Share[], off: number): void {
    const most = Math.log(EVIDENCE.outlier)
    const bounded = Math.max(-most, Math.min(most, off))
    for (const { at, share } of near) {
      this.told[at] = Math.min(EVIDENCE.prior, this.told[at] + share)
      this.shape[at] += (share / (1 + this.told[at])) * bounded
    }
  }

  /** Brings what was seen into the profile. */
  apply(): void {
    this.waiting = 0
    const { measured, profile, told, used } = this
    const offs = filled(this.centred(), used)
    if (this.isContradicted) {
      const { rows } = measured
      profile.isDoubtful = rows.some((size, i) => size <= USUAL_ROWS && used[i] < 1)
      const largest = Math.max(
        0,
        used.findLastIndex((passes) => passes >= 1),
      )
      if (rows[largest] < USUAL_ROWS) {
        for (let i = largest + 1; i < offs.length; i++) {
          const doublings = Math.log2(rows[i] / rows[largest])
          offs[i] = Math.min(
            offs[i],
            offs[largest] + Math.log(CORRECTIONS.hope) * doublings - lnRatio(measured, rows[i], rows[largest]),
          )
        }
      }
    }
    const factors = offs.map((off) => Math.exp(off + this.level.mean))
    // What was never used gives way to what was.
    const weights = used.map((passes) => passes + UNUSED_WEIGHT)
    profile.baseMs = rising(
      measured.baseMs.map((ms, i) => ms * factors[i]),
      weights,
    )
    profile.slotMs = measured.slotMs.map((ms, i) => ms * factors[i])
    profile.seen = told.map((passes, i) => Math.max(Math.round(passes), Math.min(1, Math.floor(used[i]))))
  }

  private get isContradicted(): boolean {
    const { mean, passes } = this.level
    return passes >= 2 * EVIDENCE.prior && mean < -Math.log(CORRECTIONS.busy)
  }

  /** What all sizes share belongs to the level, or sizes that are never used would not follow. */
  private centred(): number[] {
    const { shape, told, level } = this
    const passes = told.reduce((sum, count) => sum + count, 0)
    const shared = passes > 0 ? shape.reduce((sum, off, i) => sum + off * told[i], 0) / passes : 0
    this.shape = shape.map((off) => off - shared)
    level.mean += shared
    for (const pass of this.recent) pass.off += shared
    return this.shape
  }
}

function lnRatio(times: PassTimes, rows: number, to: number): number {
  return Math.log(passMs(times, rows, USUAL_CONTEXT) / passMs(times, to, USUAL_CONTEXT))
}

interface Share {
  /** Index of the size. */
  at: number
  share: number
}

/** The measured sizes next to a number of rows, and the share that each has of such a pass's measured time. */
function sharesOf(times: PassTimes, rows: number, slots: number): Share[] {
  const { rows: sizes } = times
  const above = sizes.findIndex((size) => size >= rows)
  if (above < 0) return [{ at: sizes.length - 1, share: 1 }]
  if (above === 0 || sizes[above] === rows) return [{ at: above, share: 1 }]
  const near = (rows - sizes[above - 1]) / (sizes[above] - sizes[above - 1])
  const share = (near * passMs(times, sizes[above], slots)) / passMs(times, rows, slots)
  return [
    { at: above - 1, share: 1 - share },
    { at: above, share },
  ]
}

/** [size] what was never used takes the mean of its nearest used neighbours. */
function filled(shape: readonly number[], used: readonly number[]): number[] {
  return shape.map((off, i) => {
    if (used[i] >= 1) return off
    const below = used.findLastIndex((passes, j) => j < i && passes >= 1)
    const above = used.findIndex((passes, j) => j > i && passes >= 1)
    if (below < 0 && above < 0) return 0
    if (below < 0 || above < 0) return shape[Math.max(below, above)]
    return (shape[below] + shape[above]) / 2
  })
}

/**
 * More rows never take less time: neighbours that say so, by noise, share their mean (pool adjacent violators).
 * `weights`: what each counts in it; equal if left out.
 */
export function rising(times: readonly number[], weights: readonly number[] = times.map(() => 1)): number[] {
  const pools: { mean: number; weight: number; count: number }[] = []
  times.forEach((time, i) => {
    let last = { mean: time, weight: weights[i], count: 1 }
    while (pools.length > 0 && pools[pools.length - 1].mean > last.mean) {
      const { mean, weight, count } = pools.pop()!
      const sum = weight + last.weight
      last = { mean: (mean * weight + last.mean * last.weight) / sum, weight: sum, count: count + last.count }
    }
    pools.push(last)
  })
  return pools.flatMap(({ mean, count }) => Array<number>(count).fill(mean))
}
