/** What one verified tree looked like: read from the logits of both models before anything is applied to them. */
import type { Core } from '../core/index.js'
import type { NoiseKey, Sampling, Verdict } from '../core/types.js'
import type { Tokenizer } from '../text/text.js'
import type { Walk } from '../strategies/verifier.js'
import type { StepTrace } from '../api/types.js'

/** Makes the core name the likeliest token with its probability at temperature 1. */
const LIKELIEST: Sampling = { temperature: 0, topK: 0, topP: 1, minP: 0 }
const NO_NOISE: NoiseKey = { seed: 0n, choice: 0 }

/** A step's trace until the walk is over and the time is known. */
export type TreeTrace = Pick<StepTrace, 'parents' | 'texts' | 'target' | 'draft'>

/** Reads the rows of `walk`, whose trees have tens of nodes: a pass over the vocabulary for each node with children. */
export function traceTree(core: Core, tokenizer: Tokenizer, { tree, logitsPtr, vocab }: Walk): TreeTrace {
  const { parents, tokens, q } = tree
  const rowBytes = vocab * 4
  const target = probabilities(core, vocab, parents, tokens, (parent) => logitsPtr + parent * rowBytes)
  const draft = probabilities(core, vocab, parents, tokens, (parent) =>
    q && q.rows[parent] >= 0 ? q.logitsPtr + q.rows[parent] * rowBytes : null,
  )
  return {
    parents: [...parents],
    texts: Array.from(tokens, (token) => spell(tokenizer, token)),
    target: target as number[],
    draft,
  }
}

export function finishTrace(tree: TreeTrace, tokenizer: Tokenizer, verdict: Verdict, ms: number): StepTrace {
  return { ...tree, path: [...verdict.path], next: spell(tokenizer, verdict.token), ms }
}

/** Of each node after its parent; null where that one has no row, 1 for the root. */
function probabilities(
  core: Core,
  vocab: number,
  parents: Int32Array,
  tokens: Int32Array,
  rowOf: (parent: number) => number | null,
): (number | null)[] {
  const likeliest = new Map<number, { logit: number; p: number }>()
  return Array.from(parents, (parent, node) => {
    if (parent < 0) return 1
    const row = rowOf(parent)
    if (row === null) return null
    let first = likeliest.get(parent)
    if (!first) {
      const top = core.draftChildren(row, vocab, LIKELIEST, NO_NOISE, 0, 1, 'top-k')
      first = { logit: core.f32(row, vocab)[top.tokens[0]], p: top.q[0] }
      likeliest.set(parent, first)
    }
    return first.p * Math.exp(core.f32(row, vocab)[tokens[node]] - first.logit)
  })
}

function spell(tokenizer: Tokenizer, token: number): string {
  return tokenizer.decode([token], { special: true })
}
