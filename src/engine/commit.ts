/** Committing: accepted nodes keep their slots, the others give theirs back, and tokens go out. */
import type { GeneratePart } from '../api/types.js'
import type { Said } from './answer-text.js'
import { remaining, type Sequence } from './sequence.js'
import type { Verified } from './verify.js'

/** Returns what the sequence may send. One that cannot go on gets its `failure`, and keeps no slot of the tree. */
export function commit(sequence: Sequence, { tree, slots, outcome }: Verified): GeneratePart {
  if (outcome instanceof Error) {
    sequence.cache.free(slots)
    sequence.failure = outcome
    return { text: '', tokens: [], accepted: 0 }
  }
  const { verdict, logprobs } = outcome
  const kept = new Set([0, ...verdict.path])
  sequence.cache.keep(Array.from(kept, (node) => slots[node]))
  sequence.cache.free(slots.filter((_, node) => !kept.has(node)))
  const nodes = tree.parents.length
  if (nodes > 1) sequence.drafting!.commit(verdict)
  const part = emit(sequence, [...Array.from(verdict.path, (node) => tree.tokens[node]), verdict.token])
  count(sequence, nodes, tree.depths[nodes - 1], part)
  return logprobs ? { ...part, logprobs: logprobs.slice(0, part.tokens.length) } : part
}

/** Takes over tokens of the answer that were made elsewhere, as if they had been made here; returns what they said. */
export function resume(sequence: Sequence, tokens: readonly number[]): GeneratePart {
  const part = emit(sequence, tokens)
  sequence.record.counts.tokens += part.tokens.length
  return part
}

/**
 * Appends tokens until something ends the answer (a stop token counts, but has no text). All but the last of `tokens`
 * were draft tokens.
 */
function emit(sequence: Sequence, tokens: readonly number[]): GeneratePart {
  const { text, promptLength, stopTokens } = sequence
  const { minTokens } = sequence.request.controls
  const part: GeneratePart = { text: '', tokens: [], accepted: 0 }
  for (const [i, token] of tokens.entries()) {
    sequence.tokens.push(token)
    part.tokens.push(token)
    if (i < tokens.length - 1) part.accepted += 1
    const ends = stopTokens.has(token)
    if (ends) part.stopToken = token
    else add(part, text.push(token, sequence.tokens.length - promptLength >= minTokens))
    if (ends || text.stopped) sequence.finish = 'stop'
    else if (remaining(sequence) === 0) sequence.finish = 'length'
    if (sequence.finish) break
  }
  sequence.sampling.commit(part.tokens)
  if (sequence.finish) add(part, text.end())
  sequence.record.counts.reasoning = text.thinkingTokens
  return part
}

function add(part: GeneratePart, { text, reasoning }: Said): void {
  part.text += text
  if (reasoning !== undefined) part.reasoning = (part.reasoning ?? '') + reasoning
}

/** `nodes`: of the tree, root included. */
function count(
  { record: { counts } }: Sequence,
  nodes: number,
  depth: number,
  { accepted, tokens }: GeneratePart,
): void {
  counts.steps += 1
  counts.tokens += tokens.length
  counts.nodes += nodes
  counts.depth += depth
  counts.drafted += nodes - 1
  counts.accepted += accepted
  if (nodes === 1) return
  counts.drafts += 1
  while (counts.acceptedLengths.length <= depth) counts.acceptedLengths.push(0)
  counts.acceptedLengths[accepted] += 1
}
