/** What requests do to rows of logits before tokens are drawn from them: penalties, bias, masks, grammars. */

/** Applies all that a request asks for, at any node of a tree. */
export interface RowProcessor {
  /**
   * Changes a row (float32 [vocab]) in place; `path` are the tokens from below the root to the node whose children are
   * drawn.
   */
  apply(row: Float32Array, path: readonly number[]): void
}

/**
 * One change of logits, which depends on the tokens before: its state goes forward along a path of the tree and back
 * again, and at any node it can be applied to that node's row. So every row gets what plain decoding would have given
 * it there.
 */
export interface Processor {
  /** Goes on by one token of the answer. */
  push(token: number): void
  /** Takes the last `push` back; `token` is what was pushed. */
  pop(token: number): void
  /** Changes a row in place: float32 [vocab], logits of the token that comes next. */
  apply(row: Float32Array): void
}
