/** Runs a checked call on the engine and words its parts as OpenAI chunks, or gathers them into one response. */
import type { Engine, GeneratePart } from '../engine/types.js'
import type { Call } from './call.js'
import { chunk, usageChunk, whole, type Chunk } from './chunks.js'

/**
 * Streams the chunks of one answer: role (chat only), text, finish, and usage where asked for. Leaving the loop or aborting
 * `signal` stops the engine within a step. Throws what the engine throws, before the first chunk for a bad request.
 */
export async function* streamAnswer(engine: Engine, call: Call, signal: AbortSignal): AsyncGenerator<Chunk, void, undefined> {
  let begun = call.endpoint === 'completions'
  for await (const part of engine.generate({ ...call.request, signal })) {
    if (!begun) yield chunk(call, { role: 'assistant', text: '' })
    begun = true
    if (part.text) yield chunk(call, { text: part.text })
    if (!part.finishReason) continue
    yield chunk(call, { finish: part.finishReason })
    if (call.includeUsage) yield usageChunk(call, part.stats!)
  }
}

/** Gathers the whole answer into OpenAI's response object. */
export async function wholeAnswer(engine: Engine, call: Call, signal: AbortSignal): Promise<object> {
  let text = ''
  let last: GeneratePart | undefined
  for await (const part of engine.generate({ ...call.request, signal })) {
    text += part.text
    last = part
  }
  return whole(call, text, last!.finishReason!, last!.stats!)
}
