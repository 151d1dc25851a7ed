/** Chooses each step's plan: what the drafter can fill, what the measured times and this sequence's acceptance make worth it. */
import type { Core } from '../core/index.js'
import type { TreeShape } from '../core/types.js'
import type { DraftTree, Plan, Planner } from '../plugin/index.js'
import { CostMeter } from './cost-meter.js'
import { SpeculationGate } from './speculation-gate.js'
import { passMs, type PassTimes } from './profile.js'
import { remaining, type Sequence } from './sequence.js'

/** Steps between two plans of one sequence: acceptance and context move slowly. */
const REPLAN_STEPS = 8
/** Tree steps between two plain ones, which tell what plain decoding costs now. */
const PLAIN_EVERY = 64

/** No speculation. */
export const ROOT_ONLY: TreeShape = { parents: Int32Array.of(-1) }

export interface PlanLimits {
  maxNodes: number
  maxDepth: number
}

export class StepPlanner {
  private readonly meter = new CostMeter()
  private sincePlain = PLAIN_EVERY
  /** By drafter, and whether decoding is greedy. */
  private readonly gates = new Map<string, SpeculationGate>()

  constructor(
    private readonly core: Core,
    readonly planner: Planner,
    private readonly target: PassTimes,
    /** Milliseconds of a step outside the passes. */
    private readonly overheadMs: number,
    readonly limits: PlanLimits,
  ) {}

  plan(sequence: Sequence): Plan {
    const { request, drafter, counts } = sequence
    const context = sequence.tokens.length
    const { treeFactor } = this.meter
    const stepMs = (rows: number): number => this.predictedMs(rows, context) * (rows > 1 ? treeFactor : 1)
    const maxDepth = Math.min(this.limits.maxDepth, remaining(sequence) - 1)
    if (drafter && request.shape) return { shape: request.shape, maxNodes: request.shape.parents.length, maxDepth: request.shape.parents.length, stepMs }
    if (!drafter || this.sincePlain >= PLAIN_EVERY || !this.gateOf(sequence).isOpen) return { shape: ROOT_ONLY, maxNodes: 1, maxDepth: 0, stepMs }
    const guess = drafter.guesses ? { maxNodes: this.limits.maxNodes, maxDepth } : undefined
    if (drafter.growth !== 'static') return { maxNodes: this.limits.maxNodes, maxDepth, stepMs }
    if (!sequence.plan || counts.steps >= sequence.replanAt) {
      sequence.plan = this.planner.plan(this.core, {
        acceptance: sequence.acceptance.vector(),
        draftMs: (depth, widths) => treeFactor * (drafter.draftMs?.(depth, widths, context) ?? 0),
        stepMs,
        ...this.limits,
      })
      sequence.replanAt = counts.steps + REPLAN_STEPS
    }
    return guess ? { ...sequence.plan, guess } : sequence.plan
  }

  /** Learns from a step of one sequence how far the predictions hold. */
  observe(sequence: Sequence, tree: DraftTree, actualMs: number, emitted: number): void {
    const { drafter, tokens, request } = sequence
    const rows = tree.parents.length
    const widths = levelWidths(tree.depths)
    const depth = widths.length - 1
    const isDrawn = depth > 0 && (tree.q !== undefined || !drafter?.guesses)
    const draftMs = isDrawn ? (drafter?.draftMs?.(depth, widths, tokens.length) ?? 0) : 0
    this.meter.observe(rows > 1, actualMs, draftMs + this.predictedMs(rows, tokens.length))
    this.sincePlain = rows > 1 ? this.sincePlain + 1 : 0
    if (!request.shape) this.gateOf(sequence).observe(rows > 1, actualMs, emitted)
  }

  private gateOf({ drafter, request }: Sequence): SpeculationGate {
    const key = `${drafter?.name} ${request.sampling.temperature === 0}`
    const gate = this.gates.get(key) ?? new SpeculationGate()
    this.gates.set(key, gate)
    return gate
  }

  private predictedMs(rows: number, context: number): number {
    return passMs(this.target, rows, context) + this.overheadMs
  }
}

/** [depth + 1] nodes of each level; `depths` is in level order. */
function levelWidths(depths: Int32Array): number[] {
  const widths: number[] = []
  for (const depth of depths) widths[depth] = (widths[depth] ?? 0) + 1
  return widths
}
