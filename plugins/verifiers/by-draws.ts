/** The walk in which the target draws its own token at each node and goes on where a child has guessed it. */
import type { Core } from '../../src/core/index.js'
import type { Verdict } from '../../src/core/types.js'
import { childWith } from '../../src/strategies/tree.js'
import type { Walk } from '../../src/strategies/verifier.js'

/** Rows that are not ready yet are made so as the walk gets to them: what it does not reach costs nothing. */
export function walkByDraws(core: Core, walk: Walk): Verdict {
  const { tree, logitsPtr, vocab, sampling, key, rootPosition, ready } = walk
  if (!ready) return core.verifyCoupled(tree, logitsPtr, vocab, sampling, key, rootPosition)
  const path: number[] = []
  for (let node = 0; ;) {
    ready(node)
    const token = core.chooseToken(logitsPtr + node * vocab * 4, vocab, sampling, key, rootPosition + path.length)
    node = childWith(tree, node, token)
    if (node < 0) return { path: Int32Array.from(path), token }
    path.push(node)
  }
}
