/** What the policy keeps of one sequence, and what it is told of each step. Written in `src/speculation/` alone. */
import type { Sampling, TreeShape } from '../core/types.js'
import type { Drafter } from '../strategies/drafter.js'
import type { PlanOfOne } from '../strategies/plan.js'
import type { DraftTree } from '../strategies/tree.js'
import type { AcceptanceStats } from './acceptance.js'
import type { Account } from './account.js'
import type { Rest } from './rest.js'

/** Trees come from a model's q, or from guesses that cost no pass: one may pay where the other does not. */
export type TreeKind = 'model' | 'guess'
export const KINDS: readonly TreeKind[] = ['model', 'guess']

/** What of a request matters to speculation. */
export interface SpeculatedRequest {
  readonly sampling: Sampling
  /** Most nodes of a tree, root included. */
  readonly maxNodes: number
  /** The tree of every step, in place of a planned one. */
  readonly shape?: TreeShape
}

export interface SpeculationState {
  readonly request: SpeculatedRequest
  readonly drafter: Drafter | null
  /** Accepted children by level and rank, of this text. */
  readonly acceptance: AcceptanceStats
  /** Whether its trees pay, by kind. */
  readonly accounts: Readonly<Record<TreeKind, Account>>
  /** Steps in which it does not think of a tree. */
  readonly rest: Rest
  /** Steps so far. */
  steps: number
  /** Last plan of a static drafter, how many sequences its step had, and the step at which it is made anew. */
  planned: { plan: PlanOfOne; among: number; dueAt: number } | null
  /** Steps that the next plan serves if it is no tree. */
  replanEvery: number
  /** Rows and tokens of its steps, moving means: what it takes of a shared step, and gives. */
  share: { rows: number; tokens: number }
  /** Tokens that its draft has not read, and reads before it drafts. */
  unread: number
}

/** A sequence that takes part in a step. */
export interface StepShare {
  readonly state: SpeculationState
  /** Tokens of the text so far. */
  readonly context: number
  /** Tokens that the answer may still take. */
  readonly left: number
}

/** What came of it. */
export interface StepOutcome {
  readonly state: SpeculationState
  readonly tree: DraftTree
  /** Accepted nodes, root left out; null where the sequence failed. */
  readonly path: Int32Array | null
  /** Tokens that the answer grew by, and those of the text then. */
  readonly emitted: number
  readonly context: number
}

/** Null: no tree. */
export function kindOf({ parents, q }: DraftTree): TreeKind | null {
  if (parents.length === 1) return null
  return q ? 'model' : 'guess'
}

/** Doublings of the load: passes that are shared turn out otherwise than those of one. */
export function loadOf(among: number): number {
  return Math.ceil(Math.log2(among))
}
