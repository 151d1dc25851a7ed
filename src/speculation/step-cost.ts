/**
 * What a step costs, by the measured times of passes, as one of its sequences plans with it:
 *
 *     ms(n)   = t(rows of the others + n, S) + overhead         a step in which this sequence has n rows
 *     own     = ms(1) / (1 + tokens of the others)              its part of a step in which it decodes plainly
 *     step(n) = unseen (own + ms(n) - ms(1) + (factor - 1) ms(n) / among)     for n > 1; step(1) = own
 *     unseen  = 1 + share + ms / ms(1)                                        what trees cost beyond their steps
 *
 * The factor is the cost meter's, of the kind of tree; each of those who share the step bears its part of it. A tree
 * pays where its step takes less per token than `own`, for plans (`step`) as for accounts (`unseen`).
 */
import { lanesFor } from '../passes/lanes.js'
import { TREES } from '../strategies/policy.js'
import { passMs, type PassTimes } from './pass-times.js'
import type { StepShare } from './state.js'

/** What others take of a step, as far as one of its sequences is concerned. */
interface Others {
  /** Rows of all their trees, and of the largest. */
  rows: number
  mostRows: number
  /** Tokens expected of them. */
  tokens: number
}

/** The times that the engine was opened with. */
export interface StepTimes {
  /** t(n, S) of the target's passes. */
  readonly target: PassTimes
  /** Milliseconds of a step outside the passes. */
  overheadMs(): number
}

export class StepCost {
  /** Sequences of the step, and the longest of their contexts. */
  readonly among: number
  readonly context: number
  readonly others: Others = { rows: 0, mostRows: 0, tokens: 0 }
  /** ms(1) and `own`. */
  readonly plainMs: number
  readonly ownMs: number
  /** What is multiplied with the time of a step that has a tree. */
  readonly unseen: number

  constructor(
    private readonly times: StepTimes,
    one: StepShare,
    all: readonly StepShare[],
  ) {
    this.among = all.length
    this.context = longestOf(all)
    for (const other of all) {
      if (other === one) continue
      const { rows, tokens } = other.state.share
      this.others.rows += rows
      this.others.mostRows = Math.max(this.others.mostRows, rows)
      this.others.tokens += tokens
    }
    this.plainMs = this.ms(1)
    this.ownMs = this.plainMs / (1 + this.others.tokens)
    this.unseen = unseen(this.plainMs)
  }

  /** step(rows) */
  stepMs(rows: number, factor: number): number {
    if (rows === 1) return this.ownMs
    const ms = this.ms(rows)
    return this.unseen * (this.ownMs + (ms - this.plainMs) + ((factor - 1) * ms) / this.among)
  }

  private ms(rows: number): number {
    const { others, among, context } = this
    return stepMs(this.times, others.rows + rows, context, lanesFor(among) * Math.max(others.mostRows, rows))
  }
}

/** What a tree costs beyond the time of its step, as a factor of that; `plainMs`: of the step without trees. */
export function unseen(plainMs: number): number {
  return 1 + TREES.unseen.share + TREES.unseen.ms / plainMs
}

/** Milliseconds of a step without drafting; `places` as `passMs` has them. */
export function stepMs({ target, overheadMs }: StepTimes, rows: number, context: number, places: number): number {
  return passMs(target, rows, context, places) + overheadMs()
}

/** A pass takes as long as its longest context asks for. */
export function longestOf(texts: readonly { readonly context: number }[]): number {
  return Math.max(...texts.map(({ context }) => context))
}
