/** Words a call's parts for `POST /responses`: one object with one message, or the typed events that build it up. */
import { randomUUID } from 'node:crypto'
import type { Generates, FinishReason, GenerateStats } from '../api/types.js'
import type { ErrorBody } from './api-error.js'
import { metricsField } from './answer-metrics.js'
import type { Call } from './call.js'
import { usageOf } from './chunks.js'
import { responseLogprobs, shownLogprobs, type ResponseLogprob } from './logprobs.js'

/** One event; `type` is its name on the wire too, `sequence_number` counts from 0. */
export interface ResponseEvent {
  type: string
  sequence_number: number
}

interface Outcome {
  text: string
  logprobs: ResponseLogprob[]
  finish: FinishReason
  stats: GenerateStats
}

/** The place of the one text in a response. */
const PLACE = { output_index: 0, content_index: 0 }

export async function wholeResponse(engine: Generates, call: Call, signal: AbortSignal): Promise<object> {
  let text = ''
  const logprobs: ResponseLogprob[] = []
  for await (const part of engine.generate({ ...call.request, signal })) {
    text += part.text
    logprobs.push(...responseLogprobs(shownLogprobs(part)))
    if (part.finishReason)
      return finished(call, messageId(), { text, logprobs, finish: part.finishReason, stats: part.stats! })
  }
  throw new Error('the engine ended an answer without a reason')
}

/**
 * The events of one response, and how a failure after the first of them is worded as an event. Leaving the loop or
 * aborting `signal` stops the engine within a step.
 */
export function streamResponse(
  engine: Generates,
  call: Call,
  signal: AbortSignal,
  onAccepted: () => void,
): { events: AsyncGenerator<ResponseEvent, void, undefined>; failed(error: ErrorBody): ResponseEvent } {
  let sent = 0
  const id = messageId()
  const event = (type: string, content: object): ResponseEvent => ({ type, sequence_number: sent++, ...content })

  async function* events(): AsyncGenerator<ResponseEvent, void, undefined> {
    let text = ''
    const logprobs: ResponseLogprob[] = []
    for await (const part of engine.generate({ ...call.request, signal, onAccepted })) {
      if (sent === 0) yield* opening()
      const pieces = responseLogprobs(shownLogprobs(part))
      text += part.text
      logprobs.push(...pieces)
      if (part.text || pieces.length > 0)
        yield event('response.output_text.delta', { item_id: id, ...PLACE, delta: part.text, logprobs: pieces })
      if (part.finishReason) yield* closing({ text, logprobs, finish: part.finishReason, stats: part.stats! })
    }
  }

  function* opening(): Generator<ResponseEvent> {
    yield event('response.created', { response: envelope(call, 'in_progress') })
    yield event('response.in_progress', { response: envelope(call, 'in_progress') })
    yield event('response.output_item.added', { output_index: 0, item: { ...message(id, 'in_progress'), content: [] } })
    yield event('response.content_part.added', { item_id: id, ...PLACE, part: outputText('', []) })
  }

  function* closing(outcome: Outcome): Generator<ResponseEvent> {
    const { text, logprobs, finish } = outcome
    yield event('response.output_text.done', { item_id: id, ...PLACE, text, logprobs })
    yield event('response.content_part.done', { item_id: id, ...PLACE, part: outputText(text, logprobs) })
    yield event('response.output_item.done', { output_index: 0, item: message(id, statusOf(finish), text, logprobs) })
    yield event(`response.${statusOf(finish)}`, { response: finished(call, id, outcome) })
  }

  // Clients look for the flat form, or for the error object that all endpoints send.
  return {
    events: events(),
    failed: (body) =>
      event('error', { code: body.error.code, message: body.error.message, param: body.error.param, ...body }),
  }
}

/** What a response holds from its first event on. */
function envelope({ id, created, model, repeated }: Call, status: string): object {
  return {
    id,
    object: 'response',
    created_at: created,
    status,
    background: false,
    error: null,
    incomplete_details: null,
    model,
    output: [],
    parallel_tool_calls: false,
    previous_response_id: null,
    reasoning: { effort: null, summary: null },
    store: false,
    tool_choice: 'none',
    tools: [],
    truncation: 'disabled',
    usage: null,
    ...repeated,
  }
}

function finished(call: Call, id: string, { text, logprobs, finish, stats }: Outcome): object {
  const { prompt_tokens, completion_tokens, total_tokens, prompt_tokens_details, completion_tokens_details } = usageOf([
    stats,
  ])
  const status = statusOf(finish)
  return {
    ...envelope(call, status),
    ...(status === 'incomplete' && { incomplete_details: { reason: 'max_output_tokens' } }),
    output: [message(id, status, text, logprobs)],
    usage: {
      input_tokens: prompt_tokens,
      input_tokens_details: prompt_tokens_details,
      output_tokens: completion_tokens,
      output_tokens_details: { reasoning_tokens: 0, ...completion_tokens_details },
      total_tokens,
    },
    ...metricsField(call, [stats]),
  }
}

function statusOf(finish: FinishReason): 'completed' | 'incomplete' {
  return finish === 'stop' ? 'completed' : 'incomplete'
}

function message(id: string, status: string, text = '', logprobs: readonly ResponseLogprob[] = []): object {
  return { id, type: 'message', status, role: 'assistant', content: [outputText(text, logprobs)] }
}

function outputText(text: string, logprobs: readonly ResponseLogprob[]): object {
  return { type: 'output_text', text, annotations: [], logprobs }
}

function messageId(): string {
  return `msg_${randomUUID().replaceAll('-', '')}`
}
