// @process own
/** The metrics of an engine that decodes: the micro pair, prom-client as it is. */
import { spawn } from 'node:child_process'
import express from 'express'
import { register, Registry, Counter } from 'prom-client'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { metricsPage } from '../../src/cli/metrics.js'
import type { Engine } from '../../src/api/types.js'
import { InvalidArgumentError, openEngine } from '../../src/index.js'
import { engineMetrics, type MetricsOptions } from '../../src/metrics/index.js'
import { finished } from '../support/cli.js'
import { collect, TREES } from '../support/equality.js'
import { listen } from '../support/http-app.js'
import { nodeArgs } from '../support/program.js'

const metrics = suite('metrics')
let engine: Engine
metrics.before(async () => void (engine = await openEngine({ target: 'micro', maxBatch: 2 })))
metrics.after(() => engine.close())

/** Samples of a page of Prometheus text: `name{labels}` to value; every line must be one, or a comment. */
function samples(page: string): Record<string, number> {
  const lines = page.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return Object.fromEntries(
    lines.map((line) => {
      const [, name, value] = /^([a-zA-Z_:][\w:]*(?:\{.*\})?) (\S+)$/.exec(line) ?? (assert.unreachable(line) as never)
      return [name, Number(value)]
    }),
  )
}

metrics('the page says what the answers say of themselves', async () => {
  const { registry, close } = engineMetrics({ engine })
  const before = engine.stats()
  const answers = [
    await collect(engine, { prompt: 'This package is', maxTokens: 40, draft: 'model', tree: TREES.bush }),
    await collect(engine, { prompt: 'This package is', maxTokens: 20, draft: 'none' }),
  ]
  const sum = (of: (stats: (typeof answers)[0]['stats']) => number): number =>
    answers.reduce((total, { stats }) => total + of(stats), 0)
  const page = samples(await registry.metrics())
  const of = (name: string, labels = ''): number =>
    page[`sequoia_${name}{${labels}model="micro"}`] ?? page[`sequoia_${name}{model="micro"${labels && `,${labels}`}}`]
  const { speculation } = engine.stats()
  assert.is(before.passes, 0)
  assert.is(of('requests_total', 'finished_reason="length"') + of('requests_total', 'finished_reason="stop"'), 2)
  assert.is(of('requests_total', 'finished_reason="timeout"'), 0)
  assert.is(
    of('prompt_tokens_total'),
    sum((one) => one.promptTokens),
  )
  assert.is(
    of('generation_tokens_total'),
    sum((one) => one.tokens),
  )
  assert.is(of('spec_decode_num_drafts_total'), speculation.drafts)
  assert.is(
    of('spec_decode_num_draft_tokens_total'),
    sum((one) => one.drafted),
  )
  assert.is(
    of('spec_decode_num_accepted_tokens_total'),
    sum((one) => one.accepted),
  )
  const positions = speculation.acceptedPerPosition.map((_, i) =>
    of('spec_decode_num_accepted_tokens_per_pos_total', `position="${i}"`),
  )
  assert.equal(positions, [...speculation.acceptedPerPosition])
  assert.ok(positions.length > 1)
  assert.is(
    of('prefix_cache_hits_total'),
    sum((one) => one.cachedTokens),
  )
  assert.is(of('engine_time_seconds_total', 'phase="target"'), engine.stats().time.targetMs / 1000)
  assert.equal([of('num_requests_running'), of('num_requests_waiting'), of('kv_slots_used')], [0, 0, 0])
  assert.ok(of('kv_slots') > 0)

  const observed = (name: string): [number, number] => [of(`${name}_count`), of(`${name}_sum`)]
  for (const name of ['time_to_first_token_seconds', 'e2e_request_latency_seconds', 'request_queue_time_seconds'])
    assert.is(observed(name)[0], 2, name)
  assert.equal(observed('spec_decode_tree_nodes'), [speculation.steps, speculation.nodes])
  assert.equal(observed('spec_decode_accepted_length'), [speculation.drafts, speculation.accepted])
  assert.equal(observed('step_requests'), [engine.stats().passes, speculation.steps])
  const [gaps, seconds] = observed('inter_token_latency_seconds')
  assert.ok(
    gaps < of('generation_tokens_total') && gaps >= of('generation_tokens_total') - 2 * 5,
    'all tokens but those of each first step',
  )
  assert.ok(seconds > 0 && seconds < observed('e2e_request_latency_seconds')[1])
  assert.ok(observed('time_to_first_token_seconds')[1] < observed('e2e_request_latency_seconds')[1])
  close()
})

metrics('a page is of one moment: the engine is read once for all of it', async () => {
  let reads = 0
  const counted = Object.create(engine, { stats: { value: () => (reads++, engine.stats()) } }) as Engine
  const { registry, close } = engineMetrics({ engine: counted })
  await registry.metrics()
  await registry.metrics()
  assert.is(reads, 2)
  close()
})

metrics("the host's registry is taken, with its prefix and labels, and left as it was", async () => {
  const registry = new Registry()
  new Counter({ name: 'host_things_total', help: 'Of the host.', registers: [registry] }).inc()
  const { close } = engineMetrics({
    engines: { small: engine, other: engine },
    registry,
    prefix: 'gw_llm:',
    labels: { zone: 'b' },
  })
  const page = samples(await registry.metrics())
  assert.is(page.host_things_total, 1)
  for (const model of ['small', 'other'])
    assert.ok(`gw_llm:kv_slots{zone="b",model="${model}"}` in page, Object.keys(page).join('\n'))
  assert.throws(() => engineMetrics({ engine, registry, prefix: 'gw_llm:' }), /already been registered/)
  close()
  assert.equal(samples(await registry.metrics()), { host_things_total: 1 })
})

metrics('the global registry is not touched, and nobody listens any more once the metrics are closed', async () => {
  const opened = await openEngine({ target: 'micro' })
  const names = ['start', 'firstToken', 'end', 'step'] as const
  const events = opened.events as unknown as { listenerCount(name: string): number }
  const heard = (): number[] => names.map((name) => events.listenerCount(name))
  const before = heard()
  const { registry, close } = engineMetrics({ engine: opened })
  assert.equal(
    heard(),
    before.map((count) => count + 1),
  )
  assert.equal(register.getMetricsAsArray(), [])
  close()
  assert.equal(heard(), before)
  assert.is(await registry.metrics(), '\n')
  await opened.close()
})

metrics("the standalone server's page is Prometheus text", async () => {
  const { url, close } = await listen(express().get('/metrics', metricsPage({ micro: engine }, false)))
  const response = await fetch(`${url}/metrics`)
  assert.match(response.headers.get('content-type')!, /^text\/plain; version=0\.0\.4/)
  assert.ok(samples(await response.text())['sequoia_decode_passes_total{model="micro"}'] > 0)
  await close()
})

metrics('without the optional peers an engine decodes all the same, and the page says what to install', async () => {
  const script = nodeArgs(import.meta.resolve('./without-peers.js'))
  const { code, out, err } = await finished(spawn(process.execPath, script, { stdio: ['ignore', 'pipe', 'pipe'] }))
  assert.is(code, 0, err)
  const { tokens, status, error } = JSON.parse(out)
  assert.equal([tokens, status, error.code], [5, 501, 'not_installed'])
  assert.match(error.message, 'npm install prom-client')
})

metrics('wrong options are refused by name', () => {
  const cases: [object, string][] = [
    [{}, 'engine'],
    [{ engine, engines: { micro: engine } }, 'engine'],
    [{ engines: { micro: Promise.resolve(engine) } }, 'engines'],
    [{ engine, prefix: '9-' }, 'prefix'],
    [{ engine, labels: { position: 'x' } }, 'labels'],
    [{ engine, register: true }, 'register'],
  ]
  for (const [options, param] of cases) {
    try {
      engineMetrics(options as MetricsOptions)
      assert.unreachable(param)
    } catch (error) {
      assert.is((error as InvalidArgumentError).param, param, (error as Error).message)
    }
  }
})

metrics.run()
