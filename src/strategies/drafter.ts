/** `Drafter`: guesses how texts go on, as trees of tokens. */
import type { NoiseKey, Sampling, Verdict } from '../core/types.js'
import type { Passes } from '../passes/pass-part.js'
import type { Draws } from './draws.js'
import type { Plan } from './plan.js'
import type { RowProcessor } from './row-processor.js'
import type { DraftTree } from './tree.js'

/** What of a request matters to drafting. */
export interface DraftRequest {
  sampling: Sampling
  key: NoiseKey
  draws: Draws
  /** To be applied, once, to each row of q before it is drawn from: it is part of the q that verifiers read. */
  rows?: RowProcessor
  /** Its trees are shown to who asked: they must not hold guesses from others' texts. */
  showsTrees?: boolean
}

/**
 * Drafting for one running sequence. `history` is every token so far, prompt first; its last token is the tree's root.
 */
export interface DraftSession {
  /**
   * Gets the target's features [count, hidden] of the tokens that were just added to the target's cache, in order; for
   * drafts that read them.
   */
  observe?(features: Float32Array): void
  /** Reads the prompt ahead of the first step. */
  prepare(history: readonly number[]): Promise<void>
  /** Fills a tree; a draft that takes passes yields them, so that those of a step's sequences are run together. */
  draft(history: readonly number[], plan: Plan): Promise<DraftTree> | Passes<DraftTree>
  /** Tells what became of the last tree, before the emitted tokens are added to the history. */
  commit(verdict: Verdict): void
  /**
   * What it keeps of `count` tokens of the text, from one on, as bytes that depend on no token behind them; null where
   * it has not read so far.
   */
  save?(from: number, count: number): Promise<Uint8Array | null>
  /**
   * Takes over what another session of its drafter saved of the text's next tokens, the first ones first; `observe` has
   * had their features.
   */
  restore?(saved: Uint8Array, count: number): Promise<void>
  /** Gives back all it held. */
  release(): void
}

/** One that others can be made of. */
export interface PassingDraftSession extends DraftSession {
  draft(history: readonly number[], plan: Plan): Passes<DraftTree>
}

/** A way to guess. One drafter serves all sequences of an engine; what belongs to one of them is its session. */
export interface Drafter<Session extends DraftSession = DraftSession> {
  readonly name: string
  /**
   * `static`: fills the planner's shape with draws from q. `dynamic`: grows its own tree by the probabilities of the
   * tokens it drew (verified by coupling only). `deterministic`: guesses without q, so that any tree is lossless under
   * any rule.
   */
  readonly growth: 'static' | 'dynamic' | 'deterministic'
  /** Whether a step's tree may be one of guesses, as a deterministic drafter's, instead. */
  readonly guesses?: boolean
  /** Milliseconds that drafting takes; `widths` [depth + 1] nodes of each level, root first. Absent: free. */
  draftMs?(depth: number, widths: readonly number[], contextLength: number): number
  /**
   * Milliseconds of reading so many tokens of text, for one of `among` sequences whose rows share a pass; absent: free.
   */
  readMs?(tokens: number, contextLength: number, among: number): number
  begin(request: DraftRequest): Session
  /**
   * Any text of this engine has ended, with a few tokens of its prompt before it: what later ones may be guessed from.
   */
  ended?(text: readonly number[]): void
  dispose(): Promise<void>
}
