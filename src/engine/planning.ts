/** Chooses each step's plan: what the drafter can fill, what the measured times and this sequence's acceptance make worth it. */
import type { Core } from '../core/index.js'
import type { TreeShape } from '../core/types.js'
import type { DraftTree, Plan, Planner } from '../plugin/index.js'
import { CostMeter } from './cost-meter.js'
import { passMs, type PassTimes } from './profile.js'
import { remaining, type Sequence } from './sequence.js'
import { kindOf, type TreeKind, Worth } from './worth.js'

/** Steps between two plans of one sequence: acceptance and context move slowly, and without trees acceptance hardly at all. */
const REPLAN_STEPS = 12
const REPLAN_PLAIN_STEPS = 24
/** Tokens a draft may have to catch up on in a step that tells what steps cost. */
const USUAL_UNREAD = 12
/** Tree steps before plain ones, which tell what plain decoding costs now: the second of them does, the first has still to bring the target's weights back. */
const PLAIN_EVERY = 64

type PlanOfOne = Omit<Plan, 'maxQRows' | 'among'>

/** No speculation. */
export const ROOT_ONLY: TreeShape = { parents: Int32Array.of(-1) }

export interface PlanLimits {
  /** Of one tree, root included. */
  maxNodes: number
  /** Of all trees of a step. */
  maxRows: number
  maxDepth: number
}

export class StepPlanner {
  private readonly meter = new CostMeter()
  private sincePlain = PLAIN_EVERY
  private wasPlain = false
  private readonly worth = new Worth()

  constructor(
    private readonly core: Core,
    readonly planner: Planner,
    private readonly target: PassTimes,
    /** Milliseconds of a step outside the passes. */
    private readonly overheadMs: number,
    readonly limits: PlanLimits,
  ) {}

  /** One plan for each sequence of a step. */
  plan(sequences: readonly Sequence[]): Plan[] {
    const count = Math.min(this.limits.maxNodes, Math.floor(this.limits.maxRows / sequences.length))
    return sequences.map((sequence) => ({ ...this.planOne(sequence, sequences.length, count), maxQRows: count, among: sequences.length }))
  }

  /**
   * The plan of one of `among` sequences, of at most `mostNodes` nodes. The pass is shared: each plans as if the others did as it does, so that a pass of n rows, the
   * target's or the draft's, costs it t(among * n) / among. Under load that grows with every node as in a pass that is full already, and trees shrink to chains and to nothing.
   */
  private planOne(sequence: Sequence, among: number, mostNodes: number): PlanOfOne {
    const { request, drafter, counts } = sequence
    const context = sequence.tokens.length
    const stepOf = (kind: TreeKind) => (rows: number): number => (this.predictedMs(rows * among, context) / among) * (rows > 1 ? this.meter.treeFactor(kind) : 1)
    const stepMs = stepOf(drafter?.growth === 'deterministic' ? 'guess' : 'model')
    const maxNodes = Math.min(mostNodes, request.maxNodes)
    const maxDepth = Math.min(this.limits.maxDepth, remaining(sequence) - 1)
    if (drafter && request.shape) return { shape: request.shape, maxNodes: request.shape.parents.length, maxDepth: request.shape.parents.length, stepMs }
    const plain = { shape: ROOT_ONLY, maxNodes: 1, maxDepth: 0, msPerToken: stepMs(1), stepMs }
    if (!drafter || maxNodes === 1 || this.sincePlain >= PLAIN_EVERY) return plain
    const mayGuess = this.worth.allows(sequence, 'guess', among)
    if (drafter.growth === 'deterministic') return mayGuess ? { maxNodes, maxDepth, stepMs } : plain
    const guess = drafter.guesses && mayGuess ? { maxNodes, maxDepth, stepMs: stepOf('guess') } : undefined
    if (!this.worth.allows(sequence, 'model', among)) return { ...plain, guess }
    if (drafter.growth === 'dynamic') return { maxNodes, maxDepth, stepMs, guess }
    if (!sequence.plan || counts.steps >= sequence.replanAt || sequence.plannedAmong !== among) {
      sequence.plan = this.planner.plan(this.core, {
        acceptance: sequence.acceptance.vectors(),
        isGreedy: request.sampling.temperature === 0,
        draftMs: (depth, widths) => (this.meter.treeFactor('model') * (drafter.draftMs?.(depth, widths.map((width) => width * among), context) ?? 0)) / among,
        stepMs,
        maxNodes,
        maxDepth: this.limits.maxDepth,
      })
      sequence.plannedAmong = among
      sequence.replanAt = counts.steps + (sequence.plan.maxNodes === 1 ? REPLAN_PLAIN_STEPS : REPLAN_STEPS)
    }
    return { ...sequence.plan, guess }
  }

  /** Learns from a step how far the predictions hold; `actualMs` null where its time says nothing, `emitted` [sequences] tokens. */
  observe(sequences: readonly Sequence[], trees: readonly DraftTree[], actualMs: number | null, emitted: readonly number[]): void {
    const kinds = trees.map(kindOf)
    const kind = kinds.includes('model') ? 'model' : kinds.includes('guess') ? 'guess' : null
    const context = Math.max(...sequences.map(({ tokens }) => tokens.length))
    const predictedMs = this.predictedMs(trees.reduce((sum, { parents }) => sum + parents.length, 0), context) + this.draftMs(sequences, trees, kinds, context)
    const isUsual = sequences.length === 1 && (kind ? sequences[0].unread <= USUAL_UNREAD : this.wasPlain)
    if (isUsual && actualMs !== null) this.meter.observe(kind, actualMs, predictedMs)
    this.sincePlain = kind ? this.sincePlain + 1 : this.wasPlain ? 0 : this.sincePlain
    this.wasPlain = !kind
    const made = (predictedMs * sequences.length * (kind ? this.meter.treeFactor(kind) : 1)) / this.predictedMs(sequences.length, context)
    this.worth.observe(sequences, trees, made, emitted)
    sequences.forEach((sequence, i) => (sequence.unread = kinds[i] === 'model' ? emitted[i] : sequence.unread + emitted[i]))
  }

  /** Milliseconds of the passes that drew these trees. */
  private draftMs(sequences: readonly Sequence[], trees: readonly DraftTree[], kinds: readonly (TreeKind | null)[], context: number): number {
    const widths: number[] = []
    trees.forEach(({ depths }, i) => {
      if (kinds[i] === 'model') for (const depth of depths) widths[depth] = (widths[depth] ?? 0) + 1
    })
    return sequences[kinds.indexOf('model')]?.drafter?.draftMs?.(widths.length - 1, widths, context) ?? 0
  }

  private predictedMs(rows: number, context: number): number {
    return passMs(this.target, rows, context) + this.overheadMs
  }
}
