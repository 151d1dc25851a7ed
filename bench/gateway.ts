/**
 * `npm run bench -- gateway`: what HTTP and the protocol add to `engine.generate`, on the micro pair, whose steps are
 * so short that it shows: to the first token and to each further one, by plain `http`, by Express and by the standalone
 * server. The ways take turns; the client is another process.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import express from 'express'
import { sequoia as forExpress } from '../adapters/express/index.js'
import { sequoia as forNode } from '../adapters/node/index.js'
import { startServer } from '../src/cli/server.js'
import type { Engine } from '../src/api/types.js'
import { openEngine } from '../src/index.js'
import type { StreamAsk, StreamTimes } from './clients/stream-times.js'
import { median, quantile } from './stats.js'

export const name = 'gateway'
export const describe = 'what HTTP and the protocol add to the first token and to each further one; micro pair'

const TOKENS = 96
const ROUNDS = 40
const PROMPT = 'This package is'

interface Way {
  name: string
  measure(): Promise<StreamTimes>
  close(): Promise<void>
}

async function inProcess(engine: Engine): Promise<StreamTimes> {
  const started = performance.now()
  let first = 0
  let last = 0
  for await (const { text } of engine.generate({ prompt: PROMPT, maxTokens: TOKENS, ignoreEos: true, draft: 'none' })) {
    if (text === '') continue
    last = performance.now()
    first ||= last
  }
  return { firstMs: first - started, restMs: last - first }
}

async function over(client: ChildProcess, base: string): Promise<StreamTimes> {
  const ask: StreamAsk = {
    url: `${base}/completions`,
    body: {
      model: 'micro',
      prompt: PROMPT,
      max_tokens: TOKENS,
      ignore_eos: true,
      temperature: 0,
      stream: true,
      speculation: { off: true },
    },
  }
  const told = once(client, 'message')
  client.send(ask)
  return (await told)[0] as StreamTimes
}

async function listening(name: string, client: ChildProcess, app: RequestListener): Promise<Way> {
  const server = createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  return {
    name,
    measure: () => over(client, url),
    close: async () => (server.closeAllConnections(), void server.close()),
  }
}

async function standalone(client: ChildProcess, engine: Engine): Promise<Way> {
  const server = await startServer({ port: 0 })
  server.serve([{ engine }])
  return { name: 'sequoia serve', measure: () => over(client, `${server.url}/v1`), close: () => server.drain() }
}

export async function run(): Promise<object> {
  const engine = await openEngine({ target: 'micro', prefixCacheBytes: 0 })
  const client = fork(fileURLToPath(new URL('clients/stream-times.ts', import.meta.url)))
  const ways: Way[] = [
    { name: 'in process', measure: () => inProcess(engine), close: async () => {} },
    await listening('http', client, forNode({ engine, prefix: '/v1' })),
    await listening('Express', client, express().use('/v1', forExpress({ engine }))),
    await standalone(client, engine),
  ]
  try {
    const times = ways.map((): StreamTimes[] => [])
    for (let round = -2; round < ROUNDS; round++) {
      for (const [w, way] of ways.entries()) {
        const one = await way.measure()
        if (round >= 0) times[w].push(one)
      }
    }
    const firsts = times.map((all) => all.map(({ firstMs }) => firstMs))
    const steps = times.map((all) => all.map(({ restMs }) => restMs / (TOKENS - 1)))
    const rows = ways.map((way, w) => ({
      way: way.name,
      firstMs: median(firsts[w]),
      firstMsP90: quantile(firsts[w], 0.9),
      addedFirstMs: median(firsts[w].map((ms, i) => ms - firsts[0][i])),
      stepMs: median(steps[w]),
      stepMsP90: quantile(steps[w], 0.9),
      addedStepMs: median(steps[w].map((ms, i) => ms - steps[0][i])),
    }))
    return { rows }
  } finally {
    client.disconnect()
    for (const way of ways) await way.close()
    await engine.close()
  }
}
