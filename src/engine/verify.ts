/** Verifying: one target pass over the forest of all trees, and the rows of prompts; then each sequence's own walk. */
import { traceTree, type TreeTrace } from '../observe/trace.js'
import type { ModelRunner } from '../passes/model-runner.js'
import type { Passes } from '../passes/pass-part.js'
import { runTogether } from '../passes/run-together.js'
import type { Choice } from '../sampling/sequence-sampling.js'
import { rootTree, type DraftTree } from '../strategies/tree.js'
import type { Walk } from '../strategies/verifier.js'
import type { Tokenizer } from '../text/text.js'
import { observe, type Sequence } from './sequence.js'

export interface Verified {
  tree: DraftTree
  /** [nodes] slots of the target's cache that the nodes were written to; whoever commits keeps or frees them. */
  slots: Int32Array
  /** The walk's outcome, or why this sequence cannot go on; the others can. */
  outcome: Choice | Error
  /** Where the request asked for it, and the milliseconds it took. */
  trace?: TreeTrace
  tracingMs: number
}

/** `drafts`: a tree for each sequence, or why its drafter has none. Throws what the pass throws, holding no slot. */
export async function verify(
  target: ModelRunner,
  tokenizer: Tokenizer,
  sequences: readonly Sequence[],
  drafts: readonly (DraftTree | Error)[],
  chunks: readonly Passes<null>[],
): Promise<Verified[]> {
  const slots: Int32Array[] = []
  const trees = drafts.map((draft, i) => (draft instanceof Error ? rootTree(sequences[i].tokens.at(-1)!) : draft))
  try {
    sequences.forEach(({ cache }, i) => slots.push(cache.allocate(trees[i].parents.length)))
    const works = sequences.map((sequence, i) => walked(target, tokenizer, sequence, trees[i], slots[i]))
    const results = await runTogether<Verified | null>([...works, ...chunks])
    const verified = results.slice(0, sequences.length) as Verified[]
    return verified.map((one, i) => (drafts[i] instanceof Error ? { ...one, outcome: drafts[i] } : one))
  } catch (error) {
    slots.forEach((part, i) => sequences[i].cache.free(part))
    throw error
  }
}

/** A row for each node; the walk once their logits are there. */
function* walked(
  target: ModelRunner,
  tokenizer: Tokenizer,
  sequence: Sequence,
  tree: DraftTree,
  slots: Int32Array,
): Passes<Verified> {
  const { cache, tokens, request } = sequence
  const rootPosition = tokens.length - 1
  const { row, logitRow } = yield {
    runner: target,
    cache,
    tokens: tree.tokens,
    positions: tree.depths.map((depth) => rootPosition + depth),
    parents: tree.parents,
    slots,
    wanted: slots.map((_, node) => node),
  }
  const { sampling, key } = request
  const walk = { tree, logitsPtr: target.logitsAt(logitRow), vocab: target.vocab, sampling, key, rootPosition }
  const began = performance.now()
  const trace = request.trace ? traceTree(target.core, tokenizer, walk) : undefined
  const tracingMs = performance.now() - began
  const outcome = yield* choose(sequence, walk)
  if (!(outcome instanceof Error))
    for (const node of [0, ...outcome.verdict.path])
      observe(sequence, target.hiddenAt(row + node), target.forward.info.features.written)
  return { tree, slots, outcome, trace, tracingMs }
}

/** What holds one sequence up (masks that leave no token, broken logits) must not hold up the others. */
function* choose({ sampling, verifier }: Sequence, walk: Walk): Passes<Choice | Error> {
  try {
    return yield* sampling.verify(verifier, walk)
  } catch (error) {
    return error as Error
  }
}
