// Token trees as verifiers read them: parents i32 [m] (-1 for node 0, earlier nodes for the others), tokens i32 [m];
// the children of a node are the later nodes that name it, in that order (draw order).
import { INVALID } from './status'

// prettier-ignore
@inline export function at(array: usize, i: i32): i32 { return load<i32>(array + (<usize>i << 2)) }

/** 0 if it is a tree over this vocabulary. The root's token is not read. */
export function checkTree(parents: usize, tokens: usize, m: i32, vocab: i32): i32 {
  if (at(parents, 0) != -1) return INVALID
  for (let i = 1; i < m; i++) {
    if (at(parents, i) < 0 || at(parents, i) >= i) return INVALID
    if (at(tokens, i) < 0 || at(tokens, i) >= vocab) return INVALID
  }
  return 0
}

/** The next child of `node` behind node `after`, 0 if there is none. */
export function nextChild(parents: usize, m: i32, node: i32, after: i32): i32 {
  for (let i = max(after, node) + 1; i < m; i++) if (at(parents, i) == node) return i
  return 0
}

/** The child of `node` with this token, 0 if there is none. */
export function childWith(parents: usize, tokens: usize, m: i32, node: i32, token: i32): i32 {
  for (let i = node + 1; i < m; i++) if (at(parents, i) == node && at(tokens, i) == token) return i
  return 0
}
