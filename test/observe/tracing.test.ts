// @process own
/** Spans of requests, as OpenTelemetry's own SDK records them; the micro pair decodes. */
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-base'
import express from 'express'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { sequoia } from '../../adapters/express/index.js'
import type { Engine } from '../../src/api/types.js'
import { openEngine } from '../../src/index.js'
import { collect, TREES } from '../support/equality.js'
import { listen, post } from '../support/http-app.js'

const tracing = suite('OpenTelemetry spans')
const exporter = new InMemorySpanExporter()
let engine: Engine

// Opened before there is an SDK, as an application may do it.
tracing.before(async () => {
  engine = await openEngine({ target: 'micro', maxBatch: 1, maxQueue: 0 })
  await collect(engine, { prompt: 'nobody records this', maxTokens: 3 })
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }))
})
tracing.before.each(() => exporter.reset())
tracing.after(() => engine.close())

const ours = (): ReadableSpan[] =>
  exporter.getFinishedSpans().filter(({ instrumentationScope }) => instrumentationScope.name === 'sequoia-onnx')

tracing("a request is a span with the conventions' attributes, and nothing of its texts", async () => {
  const prompt = 'A sentence that must not leave this process'
  const { stats, text } = await collect(engine, {
    prompt,
    maxTokens: 30,
    temperature: 0.7,
    topP: 0.9,
    topK: 40,
    seed: 11,
    draft: 'model',
    tree: TREES.bush,
    requestId: 'r.1',
  })
  const [span, ...others] = ours()
  assert.equal(others, [])
  assert.equal(
    [span.name, span.kind, span.status.code],
    ['text_completion micro', SpanKind.INTERNAL, SpanStatusCode.UNSET],
  )
  assert.equal(span.attributes, {
    'gen_ai.operation.name': 'text_completion',
    'gen_ai.provider.name': 'sequoia-onnx',
    'gen_ai.request.model': 'micro',
    'gen_ai.request.max_tokens': 30,
    'gen_ai.request.temperature': 0.7,
    'gen_ai.request.top_p': 0.9,
    'gen_ai.request.top_k': 40,
    'gen_ai.request.seed': 11,
    'gen_ai.output.type': 'text',
    'gen_ai.response.finish_reasons': ['length'],
    'gen_ai.usage.input_tokens': stats.promptTokens,
    'gen_ai.usage.output_tokens': stats.tokens,
    'gen_ai.usage.cache_read.input_tokens': 0,
    'sequoia.draft': 'model',
    'sequoia.request_id': 'r.1',
    'sequoia.steps': stats.steps,
    'sequoia.drafted_tokens': stats.drafted,
    'sequoia.accepted_tokens': stats.accepted,
  })
  assert.equal(
    span.events.map(({ name }) => name),
    ['sequoia.start', 'sequoia.first_token'],
  )
  const all = JSON.stringify([span.name, span.attributes, span.events])
  assert.not.ok(all.includes('sentence') || all.includes(text))
  const ms = ([seconds, nanos]: [number, number]): number => seconds * 1000 + nanos / 1e6
  const toFirst = ms(span.events[1].time) - ms(span.startTime)
  assert.ok(
    Math.abs(toFirst - stats.firstTokenMs!) < 25,
    `${toFirst} ms in the span, ${stats.firstTokenMs} by the engine`,
  )
})

tracing("over HTTP the span is a child of the host's own, whatever else goes on", async () => {
  const host = trace.getTracer('host')
  const app = express().use((req, res, next) => {
    const span = host.startSpan(String(req.headers['x-name']))
    res.once('close', () => span.end())
    context.with(trace.setSpan(context.active(), span), next)
  })
  const { url, close } = await listen(app.use('/v1', sequoia({ engine })))
  for (const name of ['one', 'two']) {
    await (
      await post(
        `${url}/v1/chat/completions`,
        { model: 'micro', messages: [{ role: 'user', content: 'hi' }], max_tokens: 5, stream: true },
        { 'x-name': name },
      )
    ).text()
  }
  await close()
  const parents = exporter.getFinishedSpans().filter(({ instrumentationScope }) => instrumentationScope.name === 'host')
  assert.equal(parents.map(({ name }) => name).sort(), ['one', 'two'])
  assert.equal(
    ours().map(({ name }) => name),
    ['chat micro', 'chat micro'],
  )
  assert.equal(
    ours()
      .map((span) => span.parentSpanContext?.spanId)
      .sort(),
    parents.map((span) => span.spanContext().spanId).sort(),
  )
})

tracing('a failure has its code, an abort is none', async () => {
  const long = { prompt: 'This package is', maxTokens: 900, draft: 'none', ignoreEos: true }
  const [late, refused] = await Promise.allSettled([collect(engine, { ...long, timeoutMs: 40 }), collect(engine, long)])
  assert.equal([late.status, refused.status], ['rejected', 'rejected'])
  for await (const _ of engine.generate(long)) break
  assert.equal(
    ours().map(({ attributes, status, events }) => [
      attributes['error.type'],
      status.code,
      events[events.length - 1].name,
    ]),
    [
      ['overloaded', SpanStatusCode.ERROR, 'exception'],
      ['timeout', SpanStatusCode.ERROR, 'exception'],
      [undefined, SpanStatusCode.UNSET, 'sequoia.first_token'],
    ],
  )
  assert.equal(ours()[2].attributes['gen_ai.response.finish_reasons'], ['abort'])
})

tracing('steps are not listened to', () => {
  const { listenerCount } = engine.events as unknown as { listenerCount(name: string): number }
  const counts = (['request', 'end', 'step', 'plan'] as const).map((name) => listenerCount.call(engine.events, name))
  assert.equal(counts, [1, 1, 0, 0])
})

tracing.run()
