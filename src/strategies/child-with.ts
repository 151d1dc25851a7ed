import type { TokenTree } from '../core/types.js'

/** The child of a node that holds this token; -1 where none does. */
export function childWith({ parents, tokens }: TokenTree, node: number, token: number): number {
  for (let child = node + 1; child < parents.length; child++)
    if (parents[child] === node && tokens[child] === token) return child
  return -1
}
