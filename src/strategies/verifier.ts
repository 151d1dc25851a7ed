/** `Verifier`: walks a drafted tree from its root and decides what of it is kept, and which token comes after. */
import type { Core } from '../core/index.js'
import type { NoiseKey, Sampling, Verdict } from '../core/types.js'
import type { Draws } from './draws.js'
import type { DraftTree } from './tree.js'

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
   * To be called for each node whose row is read, before it is read: rows are what they should be only then. What it
   * throws is let through, and the same walk may be begun again: a verifier changes no row. Absent: they are ready.
   */
  ready?(node: number): void
}

/** Decides what of a drafted tree is kept, and which token comes after it. */
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
