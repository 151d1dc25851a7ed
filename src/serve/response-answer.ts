/**
 * Words a call's parts for `POST /responses`: one object with what was thought, if anything, and one message, or the
 * typed events that build them up.
 */
import { randomUUID } from 'node:crypto'
import type { Generates, FinishReason, GenerateStats } from '../api/types.js'
import type { ErrorBody } from './api-error.js'
import { metricsField } from './answer-metrics.js'
import type { Call } from './call.js'
import { usageOf } from './chunks.js'
import type { ResponseEvent } from './response-event.js'
import { reasoningEvents, reasoningItem } from './response-reasoning.js'
import { responseLogprobs, shownLogprobs, type ResponseLogprob } from './wire-logprobs.js'

interface Outcome {
  text: string
  /** Empty: nothing was thought. */
  reasoning: string
  logprobs: ResponseLogprob[]
  finish: FinishReason
  stats: GenerateStats
}

export async function wholeResponse(engine: Generates, call: Call, signal: AbortSignal): Promise<object> {
  let text = ''
  let reasoning = ''
  const logprobs: ResponseLogprob[] = []
  for await (const part of engine.generate({ ...call.request, signal })) {
    text += part.text
    reasoning += part.reasoning ?? ''
    logprobs.push(...responseLogprobs(shownLogprobs(part)))
    if (part.finishReason)
      return finished(call, newIds(), { text, reasoning, logprobs, finish: part.finishReason, stats: part.stats! })
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
  const ids = newIds()
  const event = (type: string, content: object): ResponseEvent => ({ type, sequence_number: sent++, ...content })

  async function* events(): AsyncGenerator<ResponseEvent, void, undefined> {
    let text = ''
    let isOpen = false
    const logprobs: ResponseLogprob[] = []
    const thinking = reasoningEvents(ids.reasoning, event)
    for await (const part of engine.generate({ ...call.request, signal, onAccepted })) {
      if (sent === 0) yield* beginning()
      if (part.reasoning) yield* thinking.more(part.reasoning)
      const pieces = responseLogprobs(shownLogprobs(part))
      text += part.text
      logprobs.push(...pieces)
      // The place of the message depends on whether anything was thought before.
      const isAnswer = part.text !== '' || part.finishReason !== undefined
      if (isAnswer && !isOpen) {
        isOpen = true
        yield* thinking.end()
        yield* opening(thinking.items)
      }
      const place = { output_index: thinking.items, content_index: 0 }
      if (isOpen && (part.text || pieces.length > 0))
        yield event('response.output_text.delta', {
          item_id: ids.message,
          ...place,
          delta: part.text,
          logprobs: pieces,
        })
      if (!part.finishReason) continue
      const { finishReason: finish, stats } = part
      yield* closing({ text, reasoning: thinking.text, logprobs, finish, stats: stats! }, thinking.items)
    }
  }

  function* beginning(): Generator<ResponseEvent> {
    yield event('response.created', { response: envelope(call, 'in_progress') })
    yield event('response.in_progress', { response: envelope(call, 'in_progress') })
  }

  function* opening(output_index: number): Generator<ResponseEvent> {
    const place = { item_id: ids.message, output_index, content_index: 0 }
    const item = { ...message(ids.message, 'in_progress'), content: [] }
    yield event('response.output_item.added', { output_index, item })
    yield event('response.content_part.added', { ...place, part: outputText('', []) })
  }

  function* closing(outcome: Outcome, output_index: number): Generator<ResponseEvent> {
    const { text, logprobs, finish } = outcome
    const place = { item_id: ids.message, output_index, content_index: 0 }
    const item = message(ids.message, statusOf(finish), text, logprobs)
    yield event('response.output_text.done', { ...place, text, logprobs })
    yield event('response.content_part.done', { ...place, part: outputText(text, logprobs) })
    yield event('response.output_item.done', { output_index, item })
    yield event(`response.${statusOf(finish)}`, { response: finished(call, ids, outcome) })
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

function finished(call: Call, ids: Ids, { text, reasoning, logprobs, finish, stats }: Outcome): object {
  const { prompt_tokens, completion_tokens, total_tokens, prompt_tokens_details, completion_tokens_details } = usageOf([
    stats,
  ])
  const status = statusOf(finish)
  return {
    ...envelope(call, status),
    ...(status === 'incomplete' && { incomplete_details: { reason: 'max_output_tokens' } }),
    output: [
      ...(reasoning === '' ? [] : [reasoningItem(ids.reasoning, 'completed', reasoning)]),
      message(ids.message, status, text, logprobs),
    ],
    usage: {
      input_tokens: prompt_tokens,
      input_tokens_details: prompt_tokens_details,
      output_tokens: completion_tokens,
      output_tokens_details: completion_tokens_details,
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

/** Of the items of a response. */
interface Ids {
  reasoning: string
  message: string
}

function newIds(): Ids {
  const id = (): string => randomUUID().replaceAll('-', '')
  return { reasoning: `rs_${id()}`, message: `msg_${id()}` }
}
