/**
 * The policy: which tree each sequence of a step gets, none at all among them. It plans with what the drafter can fill,
 * what passes take on this machine and how drafts were accepted, and learns from what came of each step.
 */
import type { Core } from '../core/index.js'
import type { Drafter } from '../strategies/drafter.js'
import { ROOT_ONLY, type Plan, type PlanOfOne } from '../strategies/plan.js'
import type { Planner } from '../strategies/planner.js'
import { EVIDENCE, PLANNING } from '../strategies/policy.js'
import { type Acceptance, AcceptanceStats } from './acceptance.js'
import { Accounts, newAccounts } from './accounts.js'
import { type AcceptanceBySampling, type Learned } from './learned.js'
import { kindOfStep, Meters } from './meters.js'
import type { PassCorrections } from './pass-corrections.js'
import { PlainTurns } from './plain-turns.js'
import { Rest } from './rest.js'
import { kindOf } from './state.js'
import type { SpeculatedRequest, SpeculationState, StepOutcome, StepShare, TreeKind } from './state.js'
import { StepCost, type StepTimes } from './step-cost.js'

export interface PlanLimits {
  /** Of one tree, root included. */
  maxNodes: number
  /** Of all trees of a step. */
  maxRows: number
  maxDepth: number
}

export interface SpeculationParts extends StepTimes {
  readonly core: Core
  readonly planner: Planner
  readonly limits: PlanLimits
  /** [level][rank] acceptance that the first static plans start from, at temperature 0 and above. */
  readonly acceptance: AcceptanceBySampling
  /** What another process learned with the same models on this machine. */
  readonly learned?: Learned | null
  /** Of the times of all models. */
  readonly corrections?: readonly PassCorrections[]
}

/** No speculation. Where there is nothing to draft, nobody asks what it takes. */
const RESTING: PlanOfOne = { shape: ROOT_ONLY, maxNodes: 1, maxDepth: 0, stepMs: () => Infinity }

export class Speculation {
  private readonly accounts: Accounts
  private readonly plainTurns: PlainTurns
  private readonly meters: Meters
  /** What new sequences start from, learned from those before. */
  private readonly priors: Record<'greedy' | 'sampled', Acceptance>

  /** Steps so far. */
  steps = 0

  constructor(readonly parts: SpeculationParts) {
    const { learned } = parts
    const { greedy, sampled } = learned?.acceptance ?? parts.acceptance
    this.accounts = new Accounts(learned?.balances)
    this.plainTurns = new PlainTurns(Boolean(learned))
    this.meters = new Meters(parts, learned?.meters)
    const copied = (levels: readonly ArrayLike<number>[]): Acceptance => levels.map((level) => Float64Array.from(level))
    this.priors = { greedy: copied(greedy), sampled: copied(sampled) }
  }

  /** What others may begin with. */
  get learned(): Learned {
    return { acceptance: this.priors, meters: this.meters.kept, balances: this.accounts.balances }
  }

  /** `unread`: tokens of the prompt, none of which the draft has read. */
  begin(request: SpeculatedRequest, drafter: Drafter | null, unread: number): SpeculationState {
    return {
      request,
      drafter,
      acceptance: new AcceptanceStats(this.priorOf(request)),
      accounts: newAccounts(),
      rest: new Rest(),
      steps: 0,
      planned: null,
      replanEvery: PLANNING.steps,
      share: { rows: 1, tokens: 1 },
      unread,
    }
  }

  /** A sequence has ended: those that begin from now on start from what it showed. */
  end({ request, drafter, acceptance }: SpeculationState): void {
    if (drafter?.growth === 'static') acceptance.teach(this.priorOf(request))
  }

  /** The draft has read on its own: so many tokens of the text are left. */
  draftHasRead(state: SpeculationState, unread: number): void {
    state.unread = unread
  }

  private priorOf({ sampling }: SpeculatedRequest): Acceptance {
    return sampling.temperature === 0 ? this.priors.greedy : this.priors.sampled
  }

  /**
   * One plan for each sequence of a step. Who plans anew chooses what serves the step as a whole best, given what the
   * others take of it; in turns this spends the rows where they bring most tokens for their time: a large tree for one
   * alone, chains and nothing under load, more for those whose drafts are accepted.
   */
  plan(shares: readonly StepShare[]): Plan[] {
    const among = shares.length
    const maxQRows = this.mostNodes(among)
    return shares.map((share) => ({ ...this.planOne(share, shares), maxQRows, among }))
  }

  /** Whether one that joins those who decode would have its draft draw trees, as things are. */
  wouldDraft(joining: StepShare, decoding: readonly StepShare[]): boolean {
    return this.planOne(joining, [...decoding, joining]).maxNodes > 1
  }

  /** Of the tree of one of so many sequences. */
  private mostNodes(among: number): number {
    const { maxNodes, maxRows } = this.parts.limits
    return Math.min(maxNodes, Math.floor(maxRows / among))
  }

  private planOne(one: StepShare, all: readonly StepShare[]): PlanOfOne {
    const { state } = one
    const { request, drafter } = state
    if (!drafter || (!request.shape && !state.rest.isOver(state.steps))) return RESTING
    const among = all.length
    const cost = new StepCost(this.parts, one, all)
    const stepOf =
      (kind: TreeKind) =>
      (rows: number): number =>
        cost.stepMs(rows, this.meters.treeFactor(kind, among))
    const stepMs = stepOf(drafter.growth === 'deterministic' ? 'guess' : 'model')
    if (request.shape) {
      const { length } = request.shape.parents
      return { shape: request.shape, maxNodes: length, maxDepth: length, stepMs }
    }
    const plain = { ...RESTING, msPerToken: cost.ownMs, stepMs }
    const maxNodes = Math.min(this.mostNodes(among), request.maxNodes)
    const maxDepth = Math.min(this.parts.limits.maxDepth, one.left - 1)
    if (maxNodes === 1 || this.plainTurns.isDue) return plain
    const mayGuess = this.accounts.allow(state, 'guess', among)
    if (drafter.growth === 'deterministic') return mayGuess ? { maxNodes, maxDepth, stepMs } : plain
    const guess = drafter.guesses && mayGuess ? { maxNodes, maxDepth, stepMs: stepOf('guess') } : undefined
    if (!this.accounts.allow(state, 'model', among)) return { ...plain, guess }
    if (drafter.growth === 'dynamic') return { maxNodes, maxDepth, stepMs, guess }
    const plan = this.planned(one, drafter, cost, { maxNodes, stepMs, factor: this.meters.treeFactor('model', among) })
    // What a step takes has changed since it was planned; the plan's share of plain decoding's time per token has not.
    return { ...plan, stepMs, msPerToken: plan.msPerToken && (plan.msPerToken / plan.stepMs(1)) * cost.ownMs, guess }
  }

  /** A static drafter's plan, as it is or made anew. A draft's passes are shared too: each pays its part. */
  private planned(
    { state, left }: StepShare,
    drafter: Drafter,
    { among, context, others, plainMs, ownMs, unseen }: StepCost,
    { maxNodes, stepMs, factor }: { maxNodes: number; stepMs(rows: number): number; factor: number },
  ): PlanOfOne {
    const { planned } = state
    if (planned && state.steps < planned.dueAt && planned.among === among) return planned.plan
    const { core, planner, limits } = this.parts
    // Unread text is paid off over the steps that are left.
    const catchUpMs = (state.share.tokens * (drafter.readMs?.(state.unread, context, among) ?? 0)) / left
    const passesMs = (depth: number, widths: readonly number[]): number => {
      const together = widths.map((width) => width * among)
      return (unseen * factor * (drafter.draftMs?.(depth, together, context) ?? 0)) / among
    }
    const plan = planner.plan(core, {
      acceptance: state.acceptance.vectors(),
      isGreedy: state.request.sampling.temperature === 0,
      draftMs: (depth, widths) => (depth === 0 ? 0 : catchUpMs + passesMs(depth, widths)),
      stepMs,
      beside: { ms: plainMs - ownMs, tokens: others.tokens },
      maxNodes,
      maxDepth: limits.maxDepth,
    })
    const isTree = plan.maxNodes > 1
    // Where plan after plan is no tree, each serves twice as long as the one before.
    state.replanEvery = isTree ? PLANNING.steps : 2 * state.replanEvery
    state.planned = { plan, among, dueAt: state.steps + state.replanEvery }
    state.share = { rows: plan.maxNodes, tokens: plan.expectedTokens ?? state.share.tokens }
    return plan
  }

  /**
   * Learns from a step; `actualMs` null where its time says nothing of its trees. A step in which a sequence failed
   * tells no more than how the others' drafts were accepted.
   */
  observe(outcomes: readonly StepOutcome[], actualMs: number | null): void {
    for (const { state, tree, path } of outcomes) {
      if (!path) continue
      if (tree.parents.length === 1) state.acceptance.idle()
      else if (tree.q || !state.drafter!.guesses) state.acceptance.recordWalk(tree, path)
      state.steps += 1
    }
    if (outcomes.some(({ path }) => path === null)) return
    const among = outcomes.length
    const kinds = outcomes.map(({ tree }) => kindOf(tree))
    const seen = { outcomes, kinds }
    const kind = kindOfStep(seen)
    const predictedMs = this.meters.predictedMs(seen)
    this.meters.observe(seen, this.tells(outcomes, kinds) ? actualMs : null, predictedMs)
    const plainMs = this.meters.plainMs(seen)
    const wasForced = this.plainTurns.isDue
    this.plainTurns.saw(kind === null, among)
    // Tokens that plain decoding makes in a step of this time.
    const made = (predictedMs * among * (kind ? this.meters.treeFactor(kind, among) : 1)) / plainMs
    this.accounts.book(outcomes, kinds, { made, plainMs })
    outcomes.forEach(({ state, tree, emitted }, i) => {
      if (kinds[i]) state.rest.hadTree()
      else if (!wasForced) state.rest.hadNone(state.steps, plainMs)
      state.unread = kinds[i] === 'model' ? emitted : state.unread + emitted
      const { rows, tokens } = state.share
      const { length } = tree.parents
      state.share = {
        rows: rows + (length - rows) / EVIDENCE.recent,
        tokens: tokens + (emitted - tokens) / EVIDENCE.recent,
      }
    })
    this.steps += 1
    const { corrections = [] } = this.parts
    if (corrections.some(({ isDue }) => isDue)) this.correct()
  }

  /** Brings what passes took into the measured times. */
  correct(): void {
    const { corrections = [] } = this.parts
    this.meters.whileCorrected(() => corrections.forEach((correction) => correction.apply()))
  }

  /** Whether a step's time says what its kind of step costs: no draft caught up on more than one tree's tokens. */
  private tells(outcomes: readonly StepOutcome[], kinds: readonly (TreeKind | null)[]): boolean {
    if (kinds.every((kind) => kind === null)) return this.plainTurns.tells(outcomes.length)
    const most = 1 + this.parts.limits.maxDepth
    return outcomes.every(({ state }, i) => kinds[i] !== 'model' || state.unread <= most)
  }
}
