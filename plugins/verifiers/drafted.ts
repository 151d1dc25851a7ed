/**
 * What the verifiers that read the draft's q have in common: where q stands in the tree, and by which transforms it was
 * drawn from.
 */
import { type Draws, draftSampling } from '../../src/strategies/draws.js'
import type { Verifier } from '../../src/strategies/verifier.js'
import type { DraftedRule } from '../../src/core/types.js'

/** A verifier around one of the core's drafted rules; nodes without q hold guesses, which every one of them takes. */
export function drafted<Rule extends DraftedRule>(rule: Rule, draws: Draws): Verifier & { readonly name: Rule } {
  return {
    name: rule,
    draws,
    allowsDynamic: false,
    verify: (core, { tree, logitsPtr, vocab, sampling, key, rootPosition, ready }) => {
      // These rules weigh p against q, and may do so at any node.
      if (ready) tree.parents.forEach((_, node) => ready(node))
      return core.verifyDrafted(rule, {
        tree,
        logitsPtr,
        vocab,
        sampling,
        key,
        rootPosition,
        draftLogitsPtr: tree.q?.logitsPtr ?? 0,
        draftRow: tree.q?.rows ?? new Int32Array(tree.parents.length).fill(-1),
        draftSampling: draftSampling(sampling),
      })
    },
  }
}
