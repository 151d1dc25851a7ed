/** Shapes shared by the wasm core's typed face and everything above it. */

/**
 * A token tree. Node 0 is the root (the last token already chosen); parents come before children; siblings keep draw
 * order.
 */
export interface TreeShape {
  /** [m] parent index of each node; -1 for the root. */
  parents: Int32Array
}

/** A tree filled with tokens: [m] each. `tokens[0]` is the root's token. */
export interface TokenTree extends TreeShape {
  tokens: Int32Array
  /** [m] distance from the root. */
  depths: Int32Array
}

/** Request-level transforms, applied in this order: temperature, top-k, top-p, min-p. Temperature 0 is greedy. */
export interface Sampling {
  temperature: number
  /** 0 = off. */
  topK: number
  /** 1 = off. */
  topP: number
  /** 0 = off. */
  minP: number
}

/** Key of the counter-based noise: same key, position and token give the same noise everywhere. */
export interface NoiseKey {
  /** 64-bit request seed. */
  seed: bigint
  /** Index of the choice when a request asks for several. */
  choice: number
}

/**
 * Outcome of a verification walk: `path` are accepted node indices in order (root left out), `token` is the token after
 * them.
 */
export interface Verdict {
  path: Int32Array
  token: number
}

/**
 * How a node's children are drawn from q: without replacement with the target's noise (`coupled`) or noise of its own
 * (`independent`), with replacement, or the likeliest without noise.
 */
export type DraftNoise = 'coupled' | 'independent' | 'with-replacement' | 'top-k'

/** Children in draw order and their probabilities under q. */
export interface DrawnChildren {
  tokens: Int32Array
  q: Float32Array
}

/** Verification rules that read the draft's logits. */
export type DraftedRule = 'sequoia' | 'specinfer' | 'naive' | 'traversal' | 'block'

/** What such a rule reads. */
export interface DraftedWalk {
  tree: TokenTree
  /** The target's logits, float32 [m, vocab], a row per node. */
  logitsPtr: number
  vocab: number
  sampling: Sampling
  key: NoiseKey
  /** Absolute position of the root token. */
  rootPosition: number
  /** The draft's logits, float32 [rows, vocab]; not read where no node has a row. */
  draftLogitsPtr: number
  /** [m] row that node i's children were drawn from; -1: guesses without a q. */
  draftRow: Int32Array
  draftSampling: Sampling
}
