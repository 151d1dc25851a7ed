/** A filled token tree, as drafters hand it to the target's pass, and how to find one's way in it. */
import type { TokenTree, TreeShape } from '../core/types.js'

/** In level order. */
export interface DraftTree extends TokenTree {
  /**
   * Draft logits: row `rows[i]` of the `[., vocab]` float32 array at `logitsPtr` is node i's q; -1 where it has none.
   * Absent: no node was drawn from a q.
   */
  q?: { logitsPtr: number; rows: Int32Array }
  /** [nodes] 1 for guesses among nodes that were drawn from q: what becomes of them says nothing of the draft. */
  guessed?: Uint8Array
  /** For guesses that were not drawn from q: milliseconds per token that a step with this tree is expected to take. */
  msPerToken?: number
}

/** Plain decoding's tree: the text's last token, and no guess after it. */
export function rootTree(token: number): DraftTree {
  return { parents: Int32Array.of(-1), tokens: Int32Array.of(token), depths: Int32Array.of(0) }
}

/** The child of a node that holds this token; -1 where none does. */
export function childWith({ parents, tokens }: TokenTree, node: number, token: number): number {
  for (let child = node + 1; child < parents.length; child++)
    if (parents[child] === node && tokens[child] === token) return child
  return -1
}

/** Tokens from below the root to a node. */
export function pathTo({ parents, tokens }: TokenTree, node: number): number[] {
  const path: number[] = []
  for (let at = node; at > 0; at = parents[at]) path.unshift(tokens[at])
  return path
}

/** [node] its children, in order. */
export function childrenOf({ parents }: TreeShape): number[][] {
  const children: number[][] = Array.from(parents, () => [])
  for (let node = 1; node < parents.length; node++) children[parents[node]].push(node)
  return children
}
