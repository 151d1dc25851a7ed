/** Drawing a node's children from the draft's q, without replacement. */
import { draftSampling, NOISE_OF } from '../../src/strategies/draws.js'
import type { ModelRunner } from '../../src/passes/model-runner.js'
import type { DraftRequest } from '../../src/strategies/drafter.js'
import type { GrowingTree } from '../../src/strategies/growing-tree.js'

/**
 * Adds a node's children (planned nodes to stand for), drawn from the row of logits that is its q, and returns their
 * q's; where q has less support, they are fewer.
 */
export function drawChildren(
  runner: ModelRunner,
  { sampling, key, draws, rows }: DraftRequest,
  tree: GrowingTree,
  node: number,
  children: readonly number[],
  rootPosition: number,
): Float32Array {
  const { core, vocab } = runner
  const logitsPtr = runner.logitsAt(tree.qRows[node])
  const position = rootPosition + tree.depths[node]
  rows?.apply(core.f32(logitsPtr, vocab), tree.pathTo(node))
  const drawn = core.draftChildren(
    logitsPtr,
    vocab,
    draftSampling(sampling),
    key,
    position,
    children.length,
    NOISE_OF[draws],
    node,
  )
  drawn.tokens.forEach((token, rank) => tree.add(node, token, children[rank]))
  return drawn.q
}
