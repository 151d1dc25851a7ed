/**
 * A span for each request, by OpenTelemetry's conventions for generative models, wherever the host has
 * `@opentelemetry/api` and an SDK behind it. Without the package nothing listens; without an SDK the API's spans record
 * nothing, and nothing is made for them.
 */
import type { Attributes, Span } from '@opentelemetry/api'
import { SequoiaError } from '../spec/errors.js'
import { ifInstalled } from '../common/optional.js'
import type { EndEvent, Engine, RequestEvent } from '../api/types.js'

/** Makes spans of the engine's requests; a request's span is a child of the one its caller was in. */
export async function traceRequests({ events, info }: Engine): Promise<void> {
  const api = await ifInstalled('@opentelemetry/api', () => import('@opentelemetry/api'))
  if (!api) return
  const { SpanKind, SpanStatusCode, trace } = api
  const tracer = trace.getTracer('sequoia-onnx')
  const spans = new Map<number, Span>()

  events.on('request', ({ id, ...event }) => {
    const operation = event.request.messages ? 'chat' : 'text_completion'
    const span = tracer.startSpan(`${operation} ${info.model}`, {
      // The model runs in this very process.
      kind: SpanKind.INTERNAL,
      attributes: {
        'gen_ai.operation.name': operation,
        'gen_ai.provider.name': 'sequoia-onnx',
        'gen_ai.request.model': info.model,
      },
    })
    if (!span.isRecording()) return
    span.setAttributes(requestAttributes(event))
    spans.set(id, span)
  })
  events.on(
    'start',
    ({ id, waitedMs, cachedTokens }) =>
      void spans.get(id)?.addEvent('sequoia.start', {
        'sequoia.waited_ms': waitedMs,
        'gen_ai.usage.cache_read.input_tokens': cachedTokens,
      }),
  )
  events.on('firstToken', ({ id }) => void spans.get(id)?.addEvent('sequoia.first_token'))
  events.on('end', ({ id, ...event }) => {
    const span = spans.get(id)
    if (!span) return
    spans.delete(id)
    span.setAttributes(endAttributes(event))
    if (event.error)
      span.setStatus({ code: SpanStatusCode.ERROR, message: event.error.message }).recordException(event.error)
    span.end()
  })
}

/** What was asked for; nothing of the texts. */
function requestAttributes({ request, promptTokens, draft }: Omit<RequestEvent, 'id'>): Attributes {
  const { maxTokens, temperature, topP, topK, frequencyPenalty, presencePenalty, seed, responseFormat } = request
  return {
    'gen_ai.request.max_tokens': maxTokens,
    'gen_ai.request.temperature': temperature,
    'gen_ai.request.top_p': topP,
    'gen_ai.request.top_k': topK,
    'gen_ai.request.frequency_penalty': frequencyPenalty,
    'gen_ai.request.presence_penalty': presencePenalty,
    'gen_ai.request.seed': typeof seed === 'number' ? seed : undefined,
    'gen_ai.output.type': responseFormat?.type.startsWith('json') ? 'json' : 'text',
    'gen_ai.usage.input_tokens': promptTokens,
    'sequoia.draft': draft,
    'sequoia.request_id': request.requestId,
  }
}

function endAttributes({ reason, error, stats }: Omit<EndEvent, 'id'>): Attributes {
  return {
    ...(error
      ? { 'error.type': error instanceof SequoiaError ? error.code : error.name }
      : { 'gen_ai.response.finish_reasons': [reason] }),
    'gen_ai.usage.output_tokens': stats.tokens,
    'gen_ai.usage.cache_read.input_tokens': stats.cachedTokens,
    'sequoia.steps': stats.steps,
    'sequoia.drafted_tokens': stats.drafted,
    'sequoia.accepted_tokens': stats.accepted,
  }
}
