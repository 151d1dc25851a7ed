/** Runs a checked call on the engine and words its parts as OpenAI chunks, or gathers them into one response. */
import type { ChosenLogprob, Generates, FinishReason, GenerateStats } from '../api/types.js'
import type { Call } from './call.js'
import { choiceParts } from './choices.js'
import { chunk, closingChunk, whole, type Chunk, type WireLogprobs } from './chunks.js'
import { gather, type WholeCall } from './wire-tools.js'
import { chatLogprobs, CompletionOffsets, shownLogprobs } from './wire-logprobs.js'

/**
 * Streams the chunks of one answer: for each choice its role (chat only), text, finish; then usage and metrics where
 * asked for. Leaving the loop or aborting `signal` stops the engine within a step. Throws what the engine throws,
 * before the first chunk for a bad request.
 */
export async function* streamAnswer(
  engine: Generates,
  call: Call,
  signal: AbortSignal,
  onAccepted: () => void,
): AsyncGenerator<Chunk, void, undefined> {
  const begun = new Set<number>()
  const word = Array.from({ length: call.n }, () => logprobWords(call))
  const stats: GenerateStats[] = []
  for await (const { index, part } of choiceParts(engine, call, signal, onAccepted)) {
    if (!begun.has(index) && call.endpoint === 'chat') yield chunk(call, { index, role: 'assistant', text: '' })
    begun.add(index)
    const entries = shownLogprobs(part)
    const { text, reasoning, toolCalls, trace } = part
    // Clients take a text of no length beside calls or thinking for a beginning text.
    const said = text || (!toolCalls && reasoning === undefined) ? { text } : {}
    if (text || reasoning || toolCalls || entries.length > 0 || trace)
      yield chunk(call, { index, ...said, reasoning, toolCalls, logprobs: word[index](entries), trace })
    if (!part.finishReason) continue
    yield chunk(call, { index, finish: part.finishReason })
    stats.push(part.stats!)
  }
  if (call.includeUsage || call.includeMetrics) yield closingChunk(call, stats)
}

/** Gathers the whole answer into OpenAI's response object. */
export async function wholeAnswer(engine: Generates, call: Call, signal: AbortSignal): Promise<object> {
  const choices = Array.from({ length: call.n }, () => ({
    text: '',
    reasoning: '',
    calls: [] as WholeCall[],
    logprobs: [] as ChosenLogprob[],
    finish: 'stop' as FinishReason,
  }))
  const stats: GenerateStats[] = []
  for await (const { index, part } of choiceParts(engine, call, signal)) {
    const choice = choices[index]
    choice.text += part.text
    choice.reasoning += part.reasoning ?? ''
    gather(choice.calls, part.toolCalls)
    choice.logprobs.push(...shownLogprobs(part))
    if (!part.finishReason) continue
    choice.finish = part.finishReason
    stats.push(part.stats!)
  }
  return whole(
    call,
    choices.map(({ logprobs, ...choice }) => ({ ...choice, logprobs: logprobWords(call)(logprobs) })),
    stats,
  )
}

/** How one choice's log probabilities are worded, piece by piece; null where the call asks for none. */
function logprobWords(call: Call): (entries: readonly ChosenLogprob[]) => WireLogprobs {
  if (call.request.logprobs === undefined) return () => null
  if (call.endpoint === 'chat') return chatLogprobs
  const offsets = new CompletionOffsets()
  return (entries) => offsets.next(entries)
}
