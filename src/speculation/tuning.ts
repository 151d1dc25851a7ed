/** What timing measured and what follows from it: for people (`sequoia tune`) and for metrics. */
import { depthsOf, levelWidths } from '../core/choose-plan.js'
import type { PassTable, TunedPlan, Tuning } from '../api/types.js'
import type { Drafter } from '../strategies/drafter.js'
import type { SpeculationParts } from './speculation.js'
import { passMs, type PassTimes } from './pass-times.js'

/** Contexts that the tables are made for, in tokens. */
const CONTEXTS = [128, 256, 512, 1024, 2048]

export interface TuningParts extends SpeculationParts {
  /** The model draft and its times. */
  draft: { drafter: Drafter; times: PassTimes } | null
}

/** `parents`: in place of the greedy plan, what this tree takes. */
export function tuningOf(parts: TuningParts, context = 256, parents?: readonly number[]): Tuning {
  const { target, draft, acceptance } = parts
  const plainMs = passMs(target, 1, context) + parts.overheadMs()
  const plan = {
    greedy: parents ? pinned(parts, parents, context) : planned(parts, true, context),
    sampled: planned(parts, false, context),
  }
  return {
    context,
    target: tableOf(target),
    draft: draft ? tableOf(draft.times) : null,
    acceptance: {
      greedy: acceptance.greedy.map((level) => Array.from(level)),
      sampled: acceptance.sampled.map((level) => Array.from(level)),
    },
    plainTokensPerSecond: 1000 / plainMs,
    plan,
    summary: summaryOf(target, plan.greedy, plainMs, context),
  }
}

function tableOf(times: PassTimes): PassTable {
  return {
    rows: [...times.rows],
    contexts: CONTEXTS,
    ms: times.rows.map((rows) => CONTEXTS.map((context) => passMs(times, rows, context))),
  }
}

function planned(
  { core, planner, target, overheadMs, draft, acceptance, limits }: TuningParts,
  isGreedy: boolean,
  context: number,
): TunedPlan {
  const stepMs = (rows: number): number => passMs(target, rows, context) + overheadMs()
  const plain = {
    nodes: 1,
    depth: 0,
    parents: [-1],
    msPerStep: stepMs(1),
    msPerToken: stepMs(1),
    tokensPerSecond: 1000 / stepMs(1),
  }
  if (!draft) return plain
  const draftMs = (depth: number, widths: readonly number[]): number =>
    draft.drafter.draftMs?.(depth, widths, context) ?? 0
  const {
    shape,
    msPerToken = stepMs(1),
    maxNodes,
    maxDepth,
  } = planner.plan(core, {
    acceptance: (isGreedy ? acceptance.greedy : acceptance.sampled).map((level) => Float64Array.from(level)),
    isGreedy,
    draftMs,
    stepMs,
    ...limits,
  })
  if (!shape) return { ...plain, nodes: maxNodes, depth: maxDepth }
  const msPerStep = draftMs(maxDepth, levelWidths(shape.parents, maxDepth)) + stepMs(maxNodes)
  return {
    nodes: maxNodes,
    depth: maxDepth,
    parents: Array.from(shape.parents),
    msPerStep,
    msPerToken,
    tokensPerSecond: 1000 / msPerToken,
  }
}

/** A tree that is given, worth what the acceptance known so far promises: each node's path. */
function pinned(
  { target, overheadMs, draft, acceptance }: TuningParts,
  parents: readonly number[],
  context: number,
): TunedPlan {
  const depths = depthsOf(parents)
  const ranks: number[] = []
  const worth: number[] = []
  parents.forEach((parent, node) => {
    ranks[node] = parents.slice(0, node).filter((other) => other === parent).length
    const level = acceptance.greedy[Math.min(depths[node], acceptance.greedy.length) - 1]
    worth[node] = parent < 0 ? 1 : worth[parent] * (level[ranks[node]] ?? 0)
  })
  const depth = Math.max(...depths)
  const widths = levelWidths(Int32Array.from(parents), depth)
  const msPerStep =
    passMs(target, parents.length, context) + overheadMs() + (draft?.drafter.draftMs?.(depth, widths, context) ?? 0)
  const msPerToken = msPerStep / worth.reduce((sum, one) => sum + one)
  return {
    nodes: parents.length,
    depth,
    parents: [...parents],
    msPerStep,
    msPerToken,
    tokensPerSecond: 1000 / msPerToken,
  }
}

function summaryOf(
  target: PassTimes,
  { nodes, depth, msPerToken }: TunedPlan,
  plainMs: number,
  context: number,
): string {
  const at = (rows: number): string => passMs(target, rows, context).toFixed(1)
  const choice =
    nodes === 1
      ? 'no tree of the model draft pays'
      : `the model draft's best tree has ${nodes} nodes on ${depth} levels, ${(plainMs / msPerToken).toFixed(2)} ` +
        'times plain decoding'
  return (
    `a pass at ${context} tokens of context takes ${at(1)} ms for 1 row, ${at(4)} for 4, ${at(8)} for 8, ${at(16)} ` +
    `for 16; with the acceptance known so far, ${choice}; plans follow what decoding measures`
  )
}
