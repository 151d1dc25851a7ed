/**
 * The objects an answer is made of on the wire, for chat and completions: chunks of a stream, and the whole response.
 */
import { randomUUID } from 'node:crypto'
import type { FinishReason, GenerateStats, StepTrace, ToolCallPart } from '../api/types.js'
import { metricsField, type AnswerMetrics } from './answer-metrics.js'
import type { Call } from './call.js'
import type { ChatLogprobs, CompletionLogprobs } from './wire-logprobs.js'
import type { WholeCall } from './wire-tools.js'

export interface Usage {
  prompt_tokens: number
  completion_tokens: number
  total_tokens: number
  prompt_tokens_details: { cached_tokens: number }
  /** What the model thought; draft tokens of the trees, those that became part of the answer and those that did not. */
  completion_tokens_details: {
    reasoning_tokens: number
    accepted_prediction_tokens: number
    rejected_prediction_tokens: number
  }
}

type WireFinish = 'stop' | 'length' | 'tool_calls'

/** In the form of the call's endpoint; null where the request asks for none. */
export type WireLogprobs = ChatLogprobs | CompletionLogprobs | null

/** What a request gets beyond OpenAI's fields, if it asks. */
interface Extension {
  sequoia?: { trace: StepTrace }
  metrics?: AnswerMetrics
}

interface Envelope {
  id: string
  object: string
  created: number
  model: string
}

/** A piece of a call; id, type and name come with the first. */
interface ToolCallDelta {
  index: number
  id?: string
  type?: 'function'
  function: { name?: string; arguments: string }
}

export interface ChatChunk extends Envelope, Extension {
  choices: {
    index: number
    delta: { role?: 'assistant'; content?: string; reasoning_content?: string; tool_calls?: ToolCallDelta[] }
    logprobs: WireLogprobs
    finish_reason: WireFinish | null
  }[]
  usage?: Usage | null
}

export interface CompletionChunk extends Envelope, Extension {
  choices: { index: number; text: string; logprobs: WireLogprobs; finish_reason: WireFinish | null }[]
  usage?: Usage | null
}

export type Chunk = ChatChunk | CompletionChunk

/** What one chunk says of one choice: a piece of text, the end, or both. */
export interface Piece {
  index: number
  text?: string
  reasoning?: string
  toolCalls?: readonly ToolCallPart[]
  role?: 'assistant'
  finish?: FinishReason
  logprobs?: WireLogprobs
  /** The step that the text is from. */
  trace?: StepTrace
}

/** One choice of a whole response. */
export interface Choice {
  text: string
  /** Empty: none. */
  reasoning: string
  calls: readonly WholeCall[]
  finish: FinishReason
  logprobs: WireLogprobs
}

export function chunk(call: Call, piece: Piece): Chunk {
  const extras = { ...(call.includeUsage && { usage: null }), ...(piece.trace && { sequoia: { trace: piece.trace } }) }
  const finish_reason = piece.finish ? wireFinish(piece.finish) : null
  const { index, logprobs = null } = piece
  if (call.endpoint === 'completions') {
    return {
      ...envelope(call, 'text_completion'),
      choices: [{ index, text: piece.text ?? '', logprobs, finish_reason }],
      ...extras,
    }
  }
  const { role, text, reasoning, toolCalls } = piece
  const delta = {
    ...(role && { role }),
    ...(text !== undefined && { content: text }),
    ...(reasoning && { reasoning_content: reasoning }),
    ...(toolCalls && { tool_calls: toolCalls.map(toDelta) }),
  }
  return { ...envelope(call, 'chat.completion.chunk'), choices: [{ index, delta, logprobs, finish_reason }], ...extras }
}

/** The chunk after the last one, for clients that asked for usage or metrics. */
export function closingChunk(call: Call, stats: readonly GenerateStats[]): Chunk {
  return {
    ...envelope(call, call.endpoint === 'chat' ? 'chat.completion.chunk' : 'text_completion'),
    choices: [],
    ...(call.includeUsage && { usage: usageOf(stats) }),
    ...metricsField(call, stats),
  }
}

/** The response of a request that did not stream. */
export function whole(call: Call, choices: readonly Choice[], stats: readonly GenerateStats[]): object {
  const wireChoices = choices.map(({ finish, logprobs, ...choice }, index) => {
    const said = call.endpoint === 'chat' ? { message: message(choice) } : { text: choice.text }
    return { index, logprobs, finish_reason: wireFinish(finish), ...said }
  })
  return {
    ...envelope(call, call.endpoint === 'chat' ? 'chat.completion' : 'text_completion'),
    choices: wireChoices,
    usage: usageOf(stats),
    ...metricsField(call, stats),
  }
}

function toDelta({ index, name, arguments: more }: ToolCallPart): ToolCallDelta {
  return name === undefined
    ? { index, function: { arguments: more } }
    : { index, id: callId(), type: 'function', function: { name, arguments: more } }
}

function message({ text, reasoning, calls }: Pick<Choice, 'text' | 'reasoning' | 'calls'>): object {
  const thought = reasoning === '' ? {} : { reasoning_content: reasoning }
  if (calls.length === 0) return { role: 'assistant', content: text, ...thought, refusal: null }
  const tool_calls = calls.map((call) => ({ id: callId(), type: 'function', function: call }))
  return { role: 'assistant', content: text === '' ? null : text, ...thought, refusal: null, tool_calls }
}

function callId(): string {
  return `call_${randomUUID().replaceAll('-', '').slice(0, 24)}`
}

function envelope({ id, created, model }: Call, object: string): Envelope {
  return { id, object, created, model }
}

/** An aborted answer reaches nobody; should one be read all the same, it was cut short. */
function wireFinish(finish: FinishReason): WireFinish {
  return finish === 'abort' ? 'length' : finish
}

/** Of all choices together; their prompt is one. */
export function usageOf(stats: readonly GenerateStats[]): Usage {
  const sum = (of: (one: GenerateStats) => number): number => stats.reduce((total, one) => total + of(one), 0)
  const prompt = stats[0].promptTokens
  const completion = sum(({ tokens }) => tokens)
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    // The choices share a prompt; the first of them may have computed it for the others.
    prompt_tokens_details: { cached_tokens: Math.min(...stats.map(({ cachedTokens }) => cachedTokens)) },
    completion_tokens_details: {
      reasoning_tokens: sum(({ reasoningTokens }) => reasoningTokens),
      accepted_prediction_tokens: sum(({ accepted }) => accepted),
      rejected_prediction_tokens: sum(({ drafted, accepted }) => drafted - accepted),
    },
  }
}
