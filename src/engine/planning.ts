/** Chooses each step's plan: what the drafter can fill, what the measured times and this sequence's acceptance make worth it. */
import type { Core } from '../core/index.js'
import type { Plan, Planner } from '../plugin/index.js'
import { passMs, type Profile } from './profile.js'
import { remaining, type Sequence } from './sequence.js'

/** Steps between two plans of one sequence: acceptance and context move slowly. */
const REPLAN_STEPS = 8

export interface PlanLimits {
  maxNodes: number
  maxDepth: number
}

export class StepPlanner {
  constructor(
    private readonly core: Core,
    readonly planner: Planner,
    private readonly target: Profile,
    /** Milliseconds of a step outside the passes. */
    private readonly overheadMs: number,
    readonly limits: PlanLimits,
  ) {}

  plan(sequence: Sequence): Plan {
    const { request, drafter, counts } = sequence
    const context = sequence.tokens.length
    const stepMs = (rows: number): number => passMs(this.target, rows, context) + this.overheadMs
    const maxDepth = Math.min(this.limits.maxDepth, remaining(sequence) - 1)
    if (!drafter) return { maxNodes: 1, maxDepth: 0, stepMs }
    if (request.shape) return { shape: request.shape, maxNodes: request.shape.parents.length, maxDepth: request.shape.parents.length, stepMs }
    if (drafter.growth !== 'static') return { maxNodes: this.limits.maxNodes, maxDepth, stepMs }
    if (!sequence.plan || counts.steps >= sequence.replanAt) {
      sequence.plan = this.planner.plan(this.core, {
        acceptance: sequence.acceptance.vector(),
        draftMs: (depth, widths) => drafter.draftMs?.(depth, widths, context) ?? 0,
        stepMs,
        ...this.limits,
      })
      sequence.replanAt = counts.steps + REPLAN_STEPS
    }
    return sequence.plan
  }
}
