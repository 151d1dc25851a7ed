/**
 * Chooses each step's plan: what the drafter can fill, what the measured times and this sequence's acceptance make
 * worth it.
 */
import type { Core } from '../core/index.js'
import type { TreeShape } from '../core/types.js'
import type { Plan } from '../strategies/plan.js'
import type { Planner } from '../strategies/planner.js'
import type { DraftTree } from '../strategies/tree.js'
import { lanesFor } from '../passes/model-runner.js'
import { CostMeter } from './cost-meter.js'
import { passMs, type PassTimes } from './pass-times.js'
import { remaining, type Sequence } from '../engine/sequence.js'
import { kindOf, loadOf, type TreeKind, Worth } from './worth.js'

/**
 * Steps between two plans of one sequence: acceptance and context move slowly, and without trees acceptance hardly at
 * all. Where plan after plan is none, they come ever later.
 */
export const REPLAN_STEPS = 12
const MOST_REPLAN_STEPS = 192
/** Tokens a draft may have to catch up on in a step that tells what steps cost. */
const USUAL_UNREAD = 12
/** Tokens of a step with a tree, about: over how many steps what the draft has to catch up on is spread. */
const USUAL_STEP_TOKENS = 2
/**
 * Milliseconds of planning and looking for guesses between passes that fill the processor's caches, about, and most of
 * plain decoding's time that may go by in doing so in vain: where passes are short, a sequence that stays without a
 * tree goes on for more and more steps before one is thought of again.
 */
const THINKING_MS = 0.12
const THINKING_SHARE = 0.003
/**
 * Tree steps before plain ones, which tell what plain decoding costs now: the second of them does, the first has still
 * to bring the target's weights back.
 */
const PLAIN_EVERY = 64

/** How fast the account of what a sequence takes of its steps follows them. */
const SHARE_RATE = 0.25

type PlanOfOne = Omit<Plan, 'maxQRows' | 'among'>

/** No speculation. */
export const ROOT_ONLY: TreeShape = { parents: Int32Array.of(-1) }

/** Where there is nothing to draft, nobody asks what it takes. */
const RESTING: PlanOfOne = { shape: ROOT_ONLY, maxNodes: 1, maxDepth: 0, stepMs: () => Infinity }

export interface PlanLimits {
  /** Of one tree, root included. */
  maxNodes: number
  /** Of all trees of a step. */
  maxRows: number
  maxDepth: number
}

/** What others take of a step, as far as one of its sequences is concerned. */
interface Others {
  /** Rows of all their trees, and of the largest. */
  rows: number
  mostRows: number
  /** Tokens expected of them. */
  tokens: number
  /** Sequences of the step, this one included, and the longest of their contexts. */
  among: number
  context: number
}

export class StepPlanner {
  /** By load: passes that are shared turn out otherwise than those of one. */
  private readonly meters = new Map<number, CostMeter>()
  private sincePlain = PLAIN_EVERY
  /** Sequences of the last step if it had no trees, else 0. */
  private wasPlainAmong = 0
  private readonly worth = new Worth()

  constructor(
    private readonly core: Core,
    readonly planner: Planner,
    /** What the target's passes take. */
    readonly target: PassTimes,
    /** Milliseconds of a step outside the passes. */
    private readonly overheadMs: () => number,
    readonly limits: PlanLimits,
  ) {}

  /**
   * One plan for each sequence of a step. Who plans anew chooses what serves the step as a whole best, given what the
   * others take of it; in turns this spends the rows where they bring most tokens for their time: a large tree for one
   * alone, chains and nothing under load, more for those whose drafts are accepted.
   */
  plan(sequences: readonly Sequence[]): Plan[] {
    const among = sequences.length
    const count = this.mostNodes(among)
    const context = longestOf(sequences)
    return sequences.map((sequence) => ({
      ...this.planOne(sequence, othersOf(sequence, sequences, context), count),
      maxQRows: count,
      among,
    }))
  }

  /** Whether one that joins those who decode would have its draft draw trees, as things are. */
  drafts(joining: Sequence, decoding: readonly Sequence[]): boolean {
    const sequences = [...decoding, joining]
    return (
      this.planOne(joining, othersOf(joining, sequences, longestOf(sequences)), this.mostNodes(sequences.length))
        .maxNodes > 1
    )
  }

  /** Of the tree of one of so many sequences. */
  private mostNodes(among: number): number {
    return Math.min(this.limits.maxNodes, Math.floor(this.limits.maxRows / among))
  }

  /** The plan of one sequence, of at most `mostNodes` nodes. */
  private planOne(sequence: Sequence, others: Others, mostNodes: number): PlanOfOne {
    const { request, drafter, counts } = sequence
    if (!drafter || (!request.shape && counts.steps < sequence.restsUntil)) return RESTING
    const { among, context } = others
    const meter = this.meterAt(among)
    const passWith = (rows: number): number =>
      this.predictedMs(others.rows + rows, context, lanesFor(among) * Math.max(others.mostRows, rows))
    const plainMs = passWith(1)
    // Each token's part of a step without this sequence's tree.
    const ownMs = plainMs / (1 + others.tokens)
    const stepOf =
      (kind: TreeKind) =>
      (rows: number): number => {
        if (rows === 1) return ownMs
        const ms = passWith(rows)
        return ownMs + (ms - plainMs) + ((meter.treeFactor(kind) - 1) * ms) / among
      }
    const stepMs = stepOf(drafter.growth === 'deterministic' ? 'guess' : 'model')
    const maxNodes = Math.min(mostNodes, request.maxNodes)
    const maxDepth = Math.min(this.limits.maxDepth, remaining(sequence) - 1)
    if (request.shape)
      return {
        shape: request.shape,
        maxNodes: request.shape.parents.length,
        maxDepth: request.shape.parents.length,
        stepMs,
      }
    const plain = { ...RESTING, msPerToken: stepMs(1), stepMs }
    if (maxNodes === 1 || this.sincePlain >= PLAIN_EVERY) return plain
    const mayGuess = this.worth.allows(sequence, 'guess', among)
    if (drafter.growth === 'deterministic') return mayGuess ? { maxNodes, maxDepth, stepMs } : plain
    const guess = drafter.guesses && mayGuess ? { maxNodes, maxDepth, stepMs: stepOf('guess') } : undefined
    if (!this.worth.allows(sequence, 'model', among)) return { ...plain, guess }
    if (drafter.growth === 'dynamic') return { maxNodes, maxDepth, stepMs, guess }
    if (!sequence.plan || counts.steps >= sequence.replanAt || sequence.plannedAmong !== among) {
      const catchUpMs =
        (USUAL_STEP_TOKENS * (drafter.readMs?.(sequence.unread, context, among) ?? 0)) / remaining(sequence)
      const plan = this.planner.plan(this.core, {
        acceptance: sequence.acceptance.vectors(),
        isGreedy: request.sampling.temperature === 0,
        // A draft's passes are shared as well: each pays its part, as if the others drafted as it does.
        draftMs: (depth, widths) =>
          depth === 0
            ? 0
            : catchUpMs +
              (meter.treeFactor('model') *
                (drafter.draftMs?.(
                  depth,
                  widths.map((width) => width * among),
                  context,
                ) ?? 0)) /
                among,
        stepMs,
        beside: { ms: plainMs - ownMs, tokens: others.tokens },
        maxNodes,
        maxDepth: this.limits.maxDepth,
      })
      sequence.plan = plan
      sequence.plannedAmong = among
      sequence.replanEvery = plan.maxNodes === 1 ? Math.min(MOST_REPLAN_STEPS, 4 * sequence.replanEvery) : REPLAN_STEPS
      sequence.replanAt = counts.steps + sequence.replanEvery
      sequence.share = { rows: plan.maxNodes, tokens: plan.expectedTokens ?? sequence.share.tokens }
    }
    // What the step takes has changed since: the plan is worth what it was, measured in plain decoding.
    const { plan } = sequence
    return { ...plan, stepMs, msPerToken: plan.msPerToken && (plan.msPerToken / plan.stepMs(1)) * ownMs, guess }
  }

  /**
   * Learns from a step how far the predictions hold; `actualMs` null where its time says nothing, `emitted` [sequences]
   * tokens.
   */
  observe(
    sequences: readonly Sequence[],
    trees: readonly DraftTree[],
    actualMs: number | null,
    emitted: readonly number[],
  ): void {
    const among = sequences.length
    const kinds = trees.map(kindOf)
    const kind = kinds.includes('model') ? 'model' : kinds.includes('guess') ? 'guess' : null
    const context = longestOf(sequences)
    const sizes = trees.map(({ parents }) => parents.length)
    const places = lanesFor(among) * Math.max(...sizes)
    const predictedMs =
      this.predictedMs(
        sizes.reduce((sum, rows) => sum + rows),
        context,
        places,
      ) + this.draftMs(sequences, trees, kinds, context)
    const meter = this.meterAt(among)
    const isUsual = kind
      ? sequences.every(({ unread }, i) => kinds[i] !== 'model' || unread <= USUAL_UNREAD)
      : this.wasPlainAmong === among
    if (isUsual && actualMs !== null) meter.observe(kind, actualMs, predictedMs)
    const plainMs = this.predictedMs(among, context, lanesFor(among))
    const mostRest = Math.floor(THINKING_MS / (THINKING_SHARE * plainMs))
    const isForced = this.sincePlain >= PLAIN_EVERY
    this.sincePlain = kind ? this.sincePlain + 1 : this.wasPlainAmong > 0 ? 0 : this.sincePlain
    this.wasPlainAmong = kind ? 0 : among
    const made = (predictedMs * among * (kind ? meter.treeFactor(kind) : 1)) / plainMs
    this.worth.observe(sequences, trees, { made, plainMs }, emitted)
    sequences.forEach((sequence, i) => {
      const { steps } = sequence.counts
      if (kinds[i]) sequence.rest = 0
      else if (!isForced && steps > sequence.restsUntil) {
        sequence.rest = Math.min(mostRest, Math.max(1, 2 * sequence.rest))
        sequence.restsUntil = steps + sequence.rest
      }
      sequence.unread = kinds[i] === 'model' ? emitted[i] : sequence.unread + emitted[i]
      const { rows, tokens } = sequence.share
      sequence.share = {
        rows: rows + SHARE_RATE * (sizes[i] - rows),
        tokens: tokens + SHARE_RATE * (emitted[i] - tokens),
      }
    })
  }

  /** Milliseconds of the passes that drew these trees. */
  private draftMs(
    sequences: readonly Sequence[],
    trees: readonly DraftTree[],
    kinds: readonly (TreeKind | null)[],
    context: number,
  ): number {
    const widths: number[] = []
    trees.forEach(({ depths, guessed }, i) => {
      if (kinds[i] === 'model')
        depths.forEach((depth, node) => (widths[depth] = (widths[depth] ?? 0) + (guessed?.[node] ? 0 : 1)))
    })
    while (widths[widths.length - 1] === 0) widths.pop()
    return sequences[kinds.indexOf('model')]?.drafter?.draftMs?.(widths.length - 1, widths, context) ?? 0
  }

  private meterAt(among: number): CostMeter {
    const load = loadOf(among)
    const meter = this.meters.get(load) ?? new CostMeter()
    this.meters.set(load, meter)
    return meter
  }

  private predictedMs(rows: number, context: number, places: number): number {
    return passMs(this.target, rows, context, places) + this.overheadMs()
  }
}

function othersOf(one: Sequence, sequences: readonly Sequence[], context: number): Others {
  const others = { rows: 0, mostRows: 0, tokens: 0, among: sequences.length, context }
  for (const sequence of sequences) {
    if (sequence === one) continue
    const { rows, tokens } = sequence.share
    others.rows += rows
    others.mostRows = Math.max(others.mostRows, rows)
    others.tokens += tokens
  }
  return others
}

function longestOf(sequences: readonly Sequence[]): number {
  return Math.max(...sequences.map(({ tokens }) => tokens.length))
}
