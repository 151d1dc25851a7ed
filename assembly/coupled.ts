// The coupled rule (arXiv 2408.07978; lists of drafts, 2506.05632): the target draws its own token at each node; where
// a child guessed it the walk goes on. Greedy is the same walk at temperature 0. Lossless for any tree whatever, since
// the tree only decides how far one pass reaches, never which token comes.
import { allocate, release } from './memory'
import { drawToken, scratchBytes } from './draw'
import { NO_MEMORY } from './status'
import { childWith } from './tree'

/** Writes the token to out[0] and the path behind it; returns the path's length. */
export function walkCoupled(
  parents: usize,
  tokens: usize,
  m: i32,
  logits: usize,
  vocab: i32,
  sampling: usize,
  key: usize,
  rootPosition: u32,
  out: usize,
): i32 {
  const scratch = allocate(scratchBytes(vocab) + 16)
  if (scratch == 0) return NO_MEMORY
  let node = 0
  let length = 0
  for (;;) {
    const row = logits + ((<usize>node * <usize>vocab) << 2)
    const token = drawToken(row, vocab, sampling, key, rootPosition + length, scratch)
    if (token < 0) {
      release(scratch)
      return token
    }
    store<i32>(out, token)
    node = childWith(parents, tokens, m, node, token)
    if (node == 0) break
    length++
    store<i32>(out + (<usize>length << 2), node)
  }
  release(scratch)
  return length
}
