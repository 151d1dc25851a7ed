/**
 * One decode step over a list of sequences, in the order of the paper: plan a tree for each, draft their tokens, a pass
 * a level for all, verify all trees in one target pass, commit what was accepted. Plain decoding is the same step with
 * one-node trees. The pass takes prompts' next rows along.
 */
import type { Tokenizer } from '../text/text.js'
import type { Plan } from '../strategies/plan.js'
import { rootTree, type DraftTree } from '../strategies/tree.js'
import type { Walk } from '../strategies/verifier.js'
import type { ModelRunner } from '../passes/model-runner.js'
import type { Passes } from '../passes/pass-part.js'
import { runTogether } from '../passes/run-together.js'
import type { Choice } from '../sampling/sequence-sampling.js'
import type { Speculation } from '../speculation/speculation.js'
import type { Recorder } from '../observe/recorder.js'
import { observe, remaining, shareOf, type Sequence } from './sequence.js'
import { finishTrace, traceTree, type TreeTrace } from '../observe/trace.js'
import type { GeneratePart } from '../api/types.js'

/** What a step works with. */
export interface StepContext {
  target: ModelRunner
  speculation: Speculation
  tokenizer: Tokenizer
  recorder: Recorder
}

/**
 * A verified tree: the slots its nodes were written to, and the walk's outcome, or why this sequence cannot go on; the
 * others can.
 */
interface Verified {
  tree: DraftTree
  slots: Int32Array
  outcome: Choice | Error
  /** Where the request asked for it, and the milliseconds it took. */
  trace?: TreeTrace
  tracingMs: number
}

/**
 * Runs one step, `chunks` in its target pass; returns what each sequence may send. One that cannot go on has its
 * `failure` set. Throws when a pass fails; then no sequence has advanced.
 */
export async function step(
  context: StepContext,
  sequences: readonly Sequence[],
  chunks: readonly Passes<null>[],
): Promise<GeneratePart[]> {
  const started = performance.now()
  const plans = context.speculation.plan(sequences.map(shareOf))
  const drafts = await runTogether<DraftTree | Error>(sequences.map((sequence, i) => draft(sequence, plans[i])))
  const trees = drafts.map((tree, i) => (tree instanceof Error ? rootTree(lastOf(sequences[i])) : tree))
  const draftMs = performance.now() - started
  const passed = context.target.clock.busyMs
  const walked = await verify(context, sequences, trees, chunks)
  const verified = walked.map((one, i): Verified => (drafts[i] instanceof Error ? { ...one, outcome: drafts[i] } : one))
  const targetMs = context.target.clock.busyMs - passed
  const parts = sequences.map((sequence, i) => commit(sequence, verified[i]))
  const ms = performance.now() - started - verified.reduce((sum, { tracingMs }) => sum + tracingMs, 0)
  const outcomes = sequences.map(({ speculation, tokens }, i) => {
    const { outcome, tree } = verified[i]
    const path = outcome instanceof Error ? null : outcome.verdict.path
    return { state: speculation, tree, path, emitted: parts[i].tokens.length, context: tokens.length }
  })
  // What a step took that read prompts as well says nothing of its trees.
  context.speculation.observe(outcomes, chunks.length === 0 ? ms : null)
  context.recorder.step({ sequences, plans, trees, parts, ms, draftMs, targetMs })
  return parts.map((part, i) => {
    const { trace, outcome } = verified[i]
    return trace && !(outcome instanceof Error)
      ? { ...part, trace: finishTrace(trace, context.tokenizer, outcome.verdict, ms) }
      : part
  })
}

/** A drafter that fails by itself, not in a pass it shares, ends its own request alone. */
function draft(sequence: Sequence, plan: Plan): Promise<DraftTree | Error> | Passes<DraftTree> {
  const { drafting, tokens } = sequence
  if (!drafting || (plan.maxNodes === 1 && !plan.guess) || remaining(sequence) <= 1)
    return Promise.resolve(rootTree(lastOf(sequence)))
  const work = drafting.draft(tokens, plan)
  return 'next' in work ? work : work.catch((error: Error) => error)
}

function lastOf({ tokens }: Sequence): number {
  return tokens[tokens.length - 1]
}

/** One target pass over the forest of all trees, and the rows of `chunks`; then each sequence's own walk. */
async function verify(
  context: StepContext,
  sequences: readonly Sequence[],
  trees: readonly DraftTree[],
  chunks: readonly Passes<null>[],
): Promise<Verified[]> {
  const slots: Int32Array[] = []
  try {
    sequences.forEach((sequence, i) => slots.push(sequence.cache.allocate(trees[i].parents.length)))
    const verified = await runTogether<Verified | null>([
      ...sequences.map((sequence, i) => verifying(context, sequence, trees[i], slots[i])),
      ...chunks,
    ])
    return verified.slice(0, sequences.length) as Verified[]
  } catch (error) {
    slots.forEach((part, i) => sequences[i].cache.free(part))
    throw error
  }
}

function* verifying(
  { target, tokenizer }: StepContext,
  sequence: Sequence,
  tree: DraftTree,
  slots: Int32Array,
): Passes<Verified> {
  const {
    cache,
    tokens,
    request: { sampling, key, trace: isTraced },
  } = sequence
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
  const walk = { tree, logitsPtr: target.logitsAt(logitRow), vocab: target.vocab, sampling, key, rootPosition }
  const began = performance.now()
  const trace = isTraced ? traceTree(target.core, tokenizer, walk) : undefined
  const tracingMs = performance.now() - began
  const outcome = choose(sequence, walk)
  if (!(outcome instanceof Error))
    for (const node of [0, ...outcome.verdict.path])
      observe(sequence, target.hiddenAt(row + node), target.forward.info.features.written)
  return { tree, slots, outcome, trace, tracingMs }
}

/** What holds one sequence up (masks that leave no token, broken logits) must not hold up the others. */
function choose(sequence: Sequence, walk: Walk): Choice | Error {
  try {
    return sequence.sampling.verify(sequence.verifier, walk)
  } catch (error) {
    return error as Error
  }
}

/** Keeps the accepted path's slots, frees the rest, learns from the walk, and emits the tokens. */
function commit(sequence: Sequence, { tree, slots, outcome }: Verified): GeneratePart {
  if (outcome instanceof Error) {
    sequence.cache.free(slots)
    sequence.failure = outcome
    return { text: '', tokens: [], accepted: 0 }
  }
  const { verdict, logprobs } = outcome
  const kept = new Set([0, ...verdict.path])
  sequence.cache.keep(Array.from(kept, (node) => slots[node]))
  sequence.cache.free(slots.filter((_, node) => !kept.has(node)))
  if (tree.parents.length > 1) sequence.drafting!.commit(verdict)

  const { counts } = sequence
  counts.steps += 1
  counts.nodes += tree.parents.length
  counts.depth += tree.depths[tree.depths.length - 1]
  counts.drafted += tree.parents.length - 1
  const part = emit(sequence, [...Array.from(verdict.path, (node) => tree.tokens[node]), verdict.token])
  if (tree.parents.length > 1) {
    counts.drafts += 1
    while (counts.acceptedLengths.length <= tree.depths[tree.depths.length - 1]) counts.acceptedLengths.push(0)
    counts.acceptedLengths[part.accepted] += 1
  }
  return logprobs ? { ...part, logprobs: logprobs.slice(0, part.tokens.length) } : part
}

/**
 * Appends tokens until something ends the answer (a stop token counts, but has no text). All but the last of `tokens`
 * were draft tokens.
 */
function emit(sequence: Sequence, tokens: readonly number[]): GeneratePart {
  const part: GeneratePart = { text: '', tokens: [], accepted: 0 }
  for (const [i, token] of tokens.entries()) {
    sequence.tokens.push(token)
    part.tokens.push(token)
    if (i < tokens.length - 1) part.accepted += 1
    const ends = sequence.stopTokens.has(token)
    if (!ends)
      part.text += sequence.text.push(
        token,
        sequence.tokens.length - sequence.promptLength >= sequence.request.controls.minTokens,
      )
    if (ends) part.stopToken = token
    if (ends || sequence.text.stopped) sequence.finish = 'stop'
    else if (remaining(sequence) === 0) sequence.finish = 'length'
    if (sequence.finish) break
  }
  sequence.sampling.commit(part.tokens)
  sequence.counts.accepted += part.accepted
  if (sequence.finish) part.text += sequence.text.end()
  return part
}
