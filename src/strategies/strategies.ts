/**
 * The strategies a plugin can bring: a `Drafter` guesses, a `Planner` says how big a guess pays, a `Verifier` decides
 * what of it is kept. One strategy is one file under `plugins/` and one line in that folder's registry.
 */
import type { Core } from '../core/index.js'
import type { NoiseKey, Sampling, TokenTree, TreeShape, Verdict } from '../core/types.js'
import type { Passes } from '../passes/run-together.js'

/** How the children of a node are drawn from the draft's q; a verifier is lossless only for the draws it names. */
export type Draws = 'coupled' | 'without-replacement' | 'with-replacement' | 'top-k'

/**
 * What one step may spend. With a `shape` the drafter fills exactly that tree (or a part of it); without, it grows its
 * own.
 */
export interface Plan {
  /** Fixed shape in level order; a shape of one node means no speculation. */
  shape?: TreeShape
  /** Most nodes, root included. */
  maxNodes: number
  /** Most levels below the root. */
  maxDepth: number
  /** Most rows of the draft's logits that this tree's q's may take; others belong to trees of the same step. */
  maxQRows: number
  /** Sequences that share the step's passes, draft passes too: each pays its part. */
  among: number
  /** Expected tokens of a step with the shape. */
  expectedTokens?: number
  /** Expected milliseconds per token with the shape; with no speculation, plain decoding's. */
  msPerToken?: number
  /**
   * For a tree of guesses in place of the shape, for drafters that make some: most nodes and levels, milliseconds of a
   * step with it.
   */
  guess?: Pick<Plan, 'maxNodes' | 'maxDepth' | 'stepMs'>
  /**
   * Expected milliseconds of a step with this many rows of this sequence's in its target pass, at the present context
   * length. Where others share the step: what they take as well, less what plain decoding of them takes, so that a row
   * costs what it adds to the pass.
   */
  stepMs(rows: number): number
  /**
   * For trees grown without a shape: chance that a child of this rank, to which the draft gives probability q, is the
   * right one; absent: q.
   */
  worth?(rank: number, q: number): number
  /** For the same: chance that one of a node's children is right, before they are drawn. */
  chance?: number
}

/** A filled tree in level order. */
export interface DraftTree extends TokenTree {
  /**
   * Draft logits: row `rows[i]` of the `[., vocab]` float32 array at `logitsPtr` is node i's q; -1 where it has none.
   */
  q?: { logitsPtr: number; rows: Int32Array }
  /** [nodes] 1 for guesses among nodes that were drawn from q: what becomes of them says nothing of the draft. */
  guessed?: Uint8Array
  /** For guesses that were not drawn from q: milliseconds per token that a step with this tree is expected to take. */
  msPerToken?: number
}

/** What a request does to logits before tokens are drawn from them: penalties, bias, masks. */
export interface RowProcessor {
  /**
   * Changes a row (float32 [vocab]) in place; `path` are the tokens from below the root to the node whose children are
   * drawn.
   */
  apply(row: Float32Array, path: readonly number[]): void
}

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
  save?(from: number, count: number): Uint8Array | null
  /**
   * Takes over what another session of its drafter saved of the text's next tokens, the first ones first; `observe` has
   * had their features.
   */
  restore?(saved: Uint8Array, count: number): void
  /** Gives back all it held. */
  release(): void
}

/** One that others can be made of. */
export interface PassingDraftSession extends DraftSession {
  draft(history: readonly number[], plan: Plan): Passes<DraftTree>
}

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
  /** Milliseconds that drafting this shape takes; absent: free. */
  draftMs?(depth: number, widths: readonly number[], contextLength: number): number
  /**
   * Milliseconds of reading so many tokens of text, for one of `among` sequences whose rows share a pass; absent: free.
   */
  readMs?(tokens: number, contextLength: number, among: number): number
  begin(request: DraftRequest): Session
  dispose(): Promise<void>
}

/** What a planner knows of one sequence. */
export interface PlanContext {
  /**
   * [level][rank] probability that the child of this rank (draw order) is the one accepted, by the level of its parent;
   * the last level serves all deeper ones.
   */
  acceptance: readonly Float64Array[]
  /** Whether the target's likeliest token is the one taken. */
  isGreedy: boolean
  /** Milliseconds of drafting a tree with this many nodes on each level. */
  draftMs(depth: number, widths: readonly number[]): number
  /** As a plan's. */
  stepMs(rows: number): number
  /** What others add to a step: milliseconds beyond this sequence's, and the tokens expected of them. */
  beside?: { ms: number; tokens: number }
  maxNodes: number
  maxDepth: number
}

export interface Planner {
  readonly name: string
  /**
   * `static`: plans shapes, blind to the tokens. `dynamic`: leaves the shape to the drafter, which looks at the tokens
   * it draws.
   */
  readonly growth: 'static' | 'dynamic'
  plan(core: Core, context: PlanContext): Omit<Plan, 'maxQRows' | 'among'>
}

/** What a verification walk reads. */
export interface Walk {
  tree: DraftTree
  /** [m, vocab] the target's logits, a row per node, in wasm memory. */
  logitsPtr: number
  vocab: number
  sampling: Sampling
  key: NoiseKey
  /** Absolute position of the root token. */
  rootPosition: number
  /**
   * To be called once for each node whose row is read, before it is read: rows are what they should be only then.
   * Absent: they are.
   */
  ready?(node: number): void
}

export interface Verifier {
  readonly name: string
  /** The draws this rule is lossless for. */
  readonly draws: Draws
  /**
   * Whether the target draws its own token, owing the tree nothing: then trees chosen after seeing their tokens
   * (dynamic growth) keep the distribution, and a seed its text.
   */
  readonly allowsDynamic: boolean
  verify(core: Core, walk: Walk): Verdict
}
