/**
 * `Core`: the typed face of the wasm core: sampling, drafting, verification, planning and masks over arrays in wasm
 * memory. Logits are float32 rows of `vocab` at a pointer from `alloc`. Memory grows when needed, which detaches typed
 * arrays made before: make them anew by `f32`, `i32`, `u8` where they are used.
 */
import { Arena } from './arena.js'
import { CallArguments } from './call-arguments.js'
import { Frontier, type PlanRequest } from './frontier.js'

import type {
  DraftedRule,
  DraftedWalk,
  DraftNoise,
  DrawnChildren,
  NoiseKey,
  Sampling,
  TokenTree,
  Verdict,
} from './types.js'
import { checked, type CoreExports, instantiate, type WasmMemory } from './wasm.js'

const NOISE_KIND: Record<DraftNoise, number> = { coupled: 0, independent: 1, 'with-replacement': 2, 'top-k': 3 }

/**
 * The wasm core with memory of its own. Pointers are byte addresses in it.
 *
 * ```ts
 * const core = Core.load()
 * const logits = core.alloc(rows * vocab * 4)
 * ```
 */
export class Core {
  private readonly arena: Arena
  private readonly args: CallArguments

  private constructor(readonly wasm: CoreExports) {
    this.arena = new Arena(wasm)
    this.args = new CallArguments(this.arena)
  }

  /** A core with memory of its own. Synchronous. Throws `RuntimeError` when the module cannot be loaded. */
  static load(): Core {
    return new Core(instantiate())
  }

  get memory(): WasmMemory {
    return this.arena.memory
  }

  /** Address of a new block of at least `bytes`, aligned to 16. Throws `RuntimeError` when memory is spent. */
  alloc(bytes: number): number {
    return this.arena.alloc(bytes)
  }

  /** Gives a block back. Throws `InvalidArgumentError` for an address that `alloc` did not return or that was freed. */
  free(pointer: number): void {
    this.arena.free(pointer)
  }

  f32(pointer: number, length: number): Float32Array {
    return this.arena.f32(pointer, length)
  }

  f64(pointer: number, length: number): Float64Array {
    return this.arena.f64(pointer, length)
  }

  i32(pointer: number, length: number): Int32Array {
    return this.arena.i32(pointer, length)
  }

  u8(pointer: number, length: number): Uint8Array {
    return this.arena.u8(pointer, length)
  }

  /**
   * Draws the target's token from one row of logits: the plain draw, and what the coupled rule draws at a node of that
   * position. `position` is the absolute position of the token whose successor is drawn.
   */
  chooseToken(logitsPtr: number, vocab: number, sampling: Sampling, key: NoiseKey, position: number): number {
    this.args.begin()
    const at = { sampling: this.args.sampling(sampling), key: this.args.key(key) }
    return checked(this.wasm.choose_token(logitsPtr, vocab, at.sampling, at.key, position), 'chooseToken')
  }

  /**
   * Writes the law that a row of logits and its transforms stand for: float32 [vocab] at `out`. At temperature 0 it is
   * one-hot.
   */
  probabilities(logitsPtr: number, vocab: number, sampling: Sampling, out: number): void {
    this.args.begin()
    checked(this.wasm.probabilities(logitsPtr, vocab, this.args.sampling(sampling), out), 'probabilities')
  }

  /**
   * Draws up to `k` children of a node from a row of draft logits, in draw order, with each one's q: without
   * replacement (Gumbel top-k; `coupled` with the target's own noise, `independent` with noise of its own, told apart
   * by `nodeTag`), with replacement, or the k likeliest. Fewer where q has less support. At temperature 0 the
   * likeliest, with q as of temperature 1.
   */
  draftChildren(
    logitsPtr: number,
    vocab: number,
    sampling: Sampling,
    key: NoiseKey,
    position: number,
    k: number,
    noise: DraftNoise,
    nodeTag = 0,
  ): DrawnChildren {
    const { args } = this
    args.begin()
    const room = Math.min(k, vocab)
    const at = {
      sampling: args.sampling(sampling),
      key: args.key(key),
      tokens: args.room(room * 4),
      q: args.room(room * 4),
    }
    const count = checked(
      this.wasm.draft_children(
        logitsPtr,
        vocab,
        at.sampling,
        at.key,
        position,
        nodeTag,
        room,
        NOISE_KIND[noise],
        at.tokens,
        at.q,
      ),
      'draftChildren',
    )
    return { tokens: this.i32(at.tokens, count).slice(), q: this.f32(at.q, count).slice() }
  }

  /**
   * Walks the tree by the coupled rule (arXiv 2408.07978). `logitsPtr`: the target's logits, [m, vocab], a row per
   * node.
   */
  verifyCoupled(
    tree: TokenTree,
    logitsPtr: number,
    vocab: number,
    sampling: Sampling,
    key: NoiseKey,
    rootPosition: number,
  ): Verdict {
    const { args, wasm } = this
    args.begin()
    const { parents, tokens, m, out, ...at } = args.walk(tree, sampling, key)
    const length = wasm.verify_coupled(parents, tokens, m, logitsPtr, vocab, at.sampling, at.key, rootPosition, out)
    return this.verdict(out, checked(length, 'verifyCoupled'))
  }

  /**
   * Walks the tree by one of the rules that read the draft's logits too. Each is lossless for its own draws and for
   * guesses without a q: `sequoia` (arXiv 2402.12374, section 3.2), `traversal` (2505.12398) and `block` (2403.10444,
   * first children only) for draws without replacement, `specinfer` (2305.09781) for draws with replacement, `naive`
   * (2211.17192, first children only) for both.
   */
  verifyDrafted(
    rule: DraftedRule,
    { tree, logitsPtr, vocab, sampling, key, rootPosition, draftLogitsPtr, draftRow, draftSampling }: DraftedWalk,
  ): Verdict {
    const { args } = this
    args.begin()
    const at = args.walk(tree, sampling, key)
    const draft = {
      sampling: args.sampling(draftSampling),
      row: args.i32(draftRow),
      rows: draftRow.reduce((most, row) => Math.max(most, row + 1), 0),
    }
    const walk = this.wasm[`verify_${rule}`]
    const length = walk(
      at.parents,
      at.tokens,
      at.m,
      logitsPtr,
      draftLogitsPtr,
      draft.rows,
      draft.row,
      vocab,
      at.sampling,
      draft.sampling,
      at.key,
      rootPosition,
      at.out,
    )
    return this.verdict(at.out, checked(length, `verify ${rule}`))
  }

  /**
   * Sequoia's rule (arXiv 2402.12374, section 3.2). Row `draftRow[i]` of the draft logits [rows, vocab] at
   * `draftLogitsPtr` is the q that node i's children were drawn from (`independent`, by `draftSampling`); -1: they are
   * guesses without a q.
   */
  verifySequoia(
    tree: TokenTree,
    logitsPtr: number,
    draftLogitsPtr: number,
    draftRow: Int32Array,
    vocab: number,
    sampling: Sampling,
    draftSampling: Sampling,
    key: NoiseKey,
    rootPosition: number,
  ): Verdict {
    return this.verifyDrafted('sequoia', {
      tree,
      logitsPtr,
      vocab,
      sampling,
      key,
      rootPosition,
      draftLogitsPtr,
      draftRow,
      draftSampling,
    })
  }

  /** The best trees of every size and depth for these acceptance vectors (arXiv 2402.12374, section 3.1). */
  plan(request: PlanRequest): Frontier {
    return Frontier.compute(this.arena, request)
  }

  /**
   * Writes who sees whom: [m, S] bytes at `out`, row i being `visible` [S], the slots of i's ancestors and its own
   * slot. `parents` [m] may hold several roots (-1); parents come before children.
   */
  ancestorMask(visible: Uint8Array, parents: Int32Array, slots: Int32Array, out: number): void {
    const { args } = this
    args.begin()
    const at = { visible: args.u8(visible), parents: args.i32(parents), slots: args.i32(slots) }
    checked(
      this.wasm.ancestor_mask(at.visible, visible.length, at.parents, at.slots, parents.length, out),
      'ancestorMask',
    )
  }

  private verdict(out: number, length: number): Verdict {
    const written = this.i32(out, length + 1)
    return { path: written.slice(1), token: written[0] }
  }
}
