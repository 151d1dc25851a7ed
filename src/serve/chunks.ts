/** The objects an answer is made of on the wire, for both endpoints: chunks of a stream, and the whole response. */
import type { FinishReason, GenerateStats } from '../engine/types.js'
import type { Call } from './call.js'

export interface Usage {
  prompt_tokens: number
  completion_tokens: number
  total_tokens: number
  /** Draft tokens of the trees: those that became part of the answer, and those that did not. */
  completion_tokens_details: { accepted_prediction_tokens: number; rejected_prediction_tokens: number }
}

type WireFinish = 'stop' | 'length'

interface Envelope {
  id: string
  object: string
  created: number
  model: string
}

export interface ChatChunk extends Envelope {
  choices: { index: number; delta: { role?: 'assistant'; content?: string }; logprobs: null; finish_reason: WireFinish | null }[]
  usage?: Usage | null
}

export interface CompletionChunk extends Envelope {
  choices: { index: number; text: string; logprobs: null; finish_reason: WireFinish | null }[]
  usage?: Usage | null
}

export type Chunk = ChatChunk | CompletionChunk

/** What one chunk says: a piece of text, the end, or both. */
export interface Piece {
  text?: string
  role?: 'assistant'
  finish?: FinishReason
}

export function chunk(call: Call, piece: Piece): Chunk {
  const usage = call.includeUsage ? { usage: null } : {}
  const finish_reason = piece.finish ? wireFinish(piece.finish) : null
  if (call.endpoint === 'completions') {
    return { ...envelope(call, 'text_completion'), choices: [{ index: 0, text: piece.text ?? '', logprobs: null, finish_reason }], ...usage }
  }
  const delta = { ...(piece.role && { role: piece.role }), ...(piece.text !== undefined && { content: piece.text }) }
  return { ...envelope(call, 'chat.completion.chunk'), choices: [{ index: 0, delta, logprobs: null, finish_reason }], ...usage }
}

/** The chunk after the last one, for clients that asked for usage. */
export function usageChunk(call: Call, stats: GenerateStats): Chunk {
  return { ...envelope(call, call.endpoint === 'chat' ? 'chat.completion.chunk' : 'text_completion'), choices: [], usage: usageOf(stats) }
}

/** The response of a request that did not stream. */
export function whole(call: Call, text: string, finish: FinishReason, stats: GenerateStats): object {
  const choice = { index: 0, logprobs: null, finish_reason: wireFinish(finish) }
  const said = call.endpoint === 'chat' ? { message: { role: 'assistant', content: text, refusal: null } } : { text }
  return { ...envelope(call, call.endpoint === 'chat' ? 'chat.completion' : 'text_completion'), choices: [{ ...choice, ...said }], usage: usageOf(stats) }
}

function envelope({ id, created, model }: Call, object: string): Envelope {
  return { id, object, created, model }
}

/** An aborted answer reaches nobody; should one be read all the same, it was cut short. */
function wireFinish(finish: FinishReason): WireFinish {
  return finish === 'abort' ? 'length' : finish
}

function usageOf(stats: GenerateStats): Usage {
  return {
    prompt_tokens: stats.promptTokens,
    completion_tokens: stats.tokens,
    total_tokens: stats.promptTokens + stats.tokens,
    completion_tokens_details: { accepted_prediction_tokens: stats.accepted, rejected_prediction_tokens: stats.drafted - stats.accepted },
  }
}
