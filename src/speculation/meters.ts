/**
 * What steps cost: what the measured times of passes predict, and how real steps differ from that, a meter for each
 * doubling of the load. When the measured times are corrected, every meter's view of its last steps stays what it was.
 */
import { lanesFor } from '../passes/lanes.js'
import { CostMeter, type Mean } from './cost-meter.js'
import { KINDS, loadOf, type StepOutcome, type TreeKind } from './state.js'
import { longestOf, stepMs, type StepTimes } from './step-cost.js'

/** What a step was made of. */
export interface SeenStep {
  readonly outcomes: readonly StepOutcome[]
  /** Of each sequence's tree, null for none. */
  readonly kinds: readonly (TreeKind | null)[]
}

/** By load. */
export type KeptMeters = Readonly<Record<number, Readonly<Record<TreeKind, Mean>>>>

interface Entry {
  readonly meter: CostMeter
  /** Its last step with a tree of each kind. */
  readonly last: Partial<Record<TreeKind, SeenStep>>
  /** Its last step. */
  latest?: SeenStep
}

export class Meters {
  private readonly entries = new Map<number, Entry>()

  constructor(
    private readonly times: StepTimes,
    kept: KeptMeters = {},
  ) {
    for (const [load, trees] of Object.entries(kept))
      this.entries.set(Number(load), { meter: new CostMeter(trees), last: {} })
  }

  /** What a step's predicted time is multiplied by for a tree of this kind, one of `among`. */
  treeFactor(kind: TreeKind, among: number): number {
    return this.at(among).meter.treeFactor(kind)
  }

  /** `actualMs` null where the step's time says nothing of its trees. `predictedMs`: as this predicts it. */
  observe(step: SeenStep, actualMs: number | null, predictedMs: number): void {
    const entry = this.at(step.outcomes.length)
    const kind = kindOfStep(step)
    if (actualMs !== null) entry.meter.observe(kind, actualMs, predictedMs)
    if (kind) entry.last[kind] = step
    entry.latest = step
  }

  /** Milliseconds of the step by the measured times: the target's pass and those that drew the trees. */
  predictedMs({ outcomes, kinds }: SeenStep): number {
    const context = longestOf(outcomes)
    const sizes = outcomes.map(({ tree }) => tree.parents.length)
    const rows = sizes.reduce((sum, size) => sum + size)
    const verifyMs = stepMs(this.times, rows, context, lanesFor(outcomes.length) * Math.max(...sizes))
    /** [depth] nodes that were drawn, of all trees. */
    const widths: number[] = []
    outcomes.forEach(({ tree: { depths, guessed } }, i) => {
      if (kinds[i] === 'model')
        depths.forEach((depth, node) => (widths[depth] = (widths[depth] ?? 0) + (guessed?.[node] ? 0 : 1)))
    })
    while (widths[widths.length - 1] === 0) widths.pop()
    const drafter = outcomes[kinds.indexOf('model')]?.state.drafter
    return verifyMs + (drafter?.draftMs?.(widths.length - 1, widths, context) ?? 0)
  }

  /** Milliseconds of the step, had it no trees. */
  plainMs({ outcomes }: Pick<SeenStep, 'outcomes'>): number {
    return stepMs(this.times, outcomes.length, longestOf(outcomes), lanesFor(outcomes.length))
  }

  /** `correct` changes the measured times. */
  whileCorrected(correct: () => void): void {
    const before = [...this.entries.values()].map((entry) => ({ ...entry, ms: this.predictions(entry) }))
    correct()
    for (const { meter, ms, ...entry } of before) {
      const after = this.predictions(entry)
      if (after === null || ms === null) continue
      const trees: Partial<Record<TreeKind, number>> = {}
      for (const kind of KINDS) if (ms[kind] && after[kind]) trees[kind] = after[kind] / ms[kind]
      meter.rebase(after.plain / ms.plain, trees)
    }
  }

  get kept(): KeptMeters {
    return Object.fromEntries([...this.entries].map(([load, { meter }]) => [load, meter.trees]))
  }

  private predictions({
    last,
    latest,
  }: Pick<Entry, 'last' | 'latest'>): ({ plain: number } & Partial<Record<TreeKind, number>>) | null {
    if (!latest) return null
    const { model, guess } = last
    return {
      plain: this.plainMs(latest),
      model: model && this.predictedMs(model),
      guess: guess && this.predictedMs(guess),
    }
  }

  private at(among: number): Entry {
    const load = loadOf(among)
    const entry = this.entries.get(load) ?? { meter: new CostMeter(), last: {} }
    this.entries.set(load, entry)
    return entry
  }
}

/** A step with trees of a model is one of the model's. */
export function kindOfStep({ kinds }: Pick<SeenStep, 'kinds'>): TreeKind | null {
  return kinds.includes('model') ? 'model' : kinds.includes('guess') ? 'guess' : null
}
