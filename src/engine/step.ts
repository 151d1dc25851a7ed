/**
 * One decode step over a list of sequences, in the order of the paper: plan a tree for each, draft their tokens, a pass
 * a level for all, verify all trees in one target pass, commit what was accepted. Plain decoding is the same step with
 * one-node trees. The target's pass takes prompts' next rows along.
 */
import type { GeneratePart } from '../api/types.js'
import { Turns } from '../common/turns.js'
import type { Recorder } from '../observe/recorder.js'
import { finishTrace } from '../observe/trace.js'
import type { ModelRunner } from '../passes/model-runner.js'
import type { Passes } from '../passes/pass-part.js'
import { runTogether } from '../passes/run-together.js'
import type { Speculation } from '../speculation/speculation.js'
import type { Plan } from '../strategies/plan.js'
import { rootTree, type DraftTree } from '../strategies/tree.js'
import type { Tokenizer } from '../text/text.js'
import { commit } from './commit.js'
import { remaining, shareOf, type Sequence } from './sequence.js'
import { verify, type Verified } from './verify.js'

/** What a step works with. */
export interface StepContext {
  target: ModelRunner
  speculation: Speculation
  tokenizer: Tokenizer
  recorder: Recorder
}

/**
 * Runs one step, `chunks` in its target pass; returns what each sequence may send. One that cannot go on has its
 * `failure` set. Throws when a pass fails; then no sequence has advanced.
 */
export async function step(
  { target, speculation, tokenizer, recorder }: StepContext,
  sequences: readonly Sequence[],
  chunks: readonly Passes<null>[],
): Promise<GeneratePart[]> {
  const started = performance.now()
  const plans = speculation.plan(sequences.map(shareOf))
  const drafts = await runTogether(sequences.map((sequence, i) => draft(sequence, plans[i])))
  const draftMs = performance.now() - started
  const busyMs = target.clock.busyMs
  const verified = await verify(target, tokenizer, sequences, drafts, chunks)
  const targetMs = target.clock.busyMs - busyMs
  const parts: GeneratePart[] = []
  const turns = new Turns()
  for (const [i, sequence] of sequences.entries()) {
    if (turns.due) await turns.next()
    parts.push(commit(sequence, verified[i]))
  }
  const ms = performance.now() - started - verified.reduce((sum, { tracingMs }) => sum + tracingMs, 0)
  const outcomes = sequences.map((sequence, i) => ({
    state: sequence.speculation,
    tree: verified[i].tree,
    path: pathOf(verified[i]),
    emitted: parts[i].tokens.length,
    context: sequence.tokens.length,
  }))
  // A step that read prompts as well took longer than its trees did.
  speculation.observe(outcomes, chunks.length === 0 ? ms : null)
  recorder.step({ sequences, plans, trees: verified.map(({ tree }) => tree), parts, ms, draftMs, targetMs })
  return parts.map((part, i) => traced(part, verified[i], tokenizer, ms))
}

/** A drafter that fails by itself, not in a pass it shares, ends its own request alone. */
function draft(sequence: Sequence, plan: Plan): Promise<DraftTree | Error> | Passes<DraftTree | Error> {
  const { drafting, tokens } = sequence
  const isPlain = plan.maxNodes === 1 && !plan.guess
  if (!drafting || isPlain || remaining(sequence) <= 1) return Promise.resolve(rootTree(tokens[tokens.length - 1]))
  const work = drafting.draft(tokens, plan)
  return 'next' in work ? work : work.catch((error: Error) => error)
}

function pathOf({ outcome }: Verified): Int32Array | null {
  return outcome instanceof Error ? null : outcome.verdict.path
}

function traced(part: GeneratePart, { trace, outcome }: Verified, tokenizer: Tokenizer, ms: number): GeneratePart {
  if (!trace || outcome instanceof Error) return part
  return { ...part, trace: finishTrace(trace, tokenizer, outcome.verdict, ms) }
}
