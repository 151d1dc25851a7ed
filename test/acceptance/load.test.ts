/**
 * 256 streams at once over loopback against `sequoia serve` on the micro pair, for 60 seconds (`LOAD_SECONDS` sets
 * another time): three tenths of them leave at some random moment, all others get the text that the same request has
 * alone, the event loop stays quick, nothing is held at the end. Then a full queue, and readers that do not read.
 */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Engine } from '../../src/api/types.js'
import { closeEngines, engineFor } from '../support/engines.js'
import { collect } from '../support/equality.js'
import { post } from '../support/http-app.js'
import { seeded } from '../support/random-llama.js'
import { readStream } from '../support/read-stream.js'
import {
  eventuallyNothingHeld,
  megabytes,
  watchedServer,
  type Watch,
  type WatchedServer,
} from '../support/watched-server.js'

const SECONDS = Number(process.env.LOAD_SECONDS ?? 60)
const STREAMS = 256
const AT_ONCE = 16
/** More than the streams there are: a client has its answer's end a moment before the server has its place back. */
const QUEUE = 2 * STREAMS
const LEAVE = 0.3
/**
 * What the event loop may be late by, at the 99th percentile, beyond one that has nothing to do on the same machine at
 * the same time.
 */
const LAG_MS = 20
/** What the process may gain between the middle of the run and its end: garbage of native libraries. */
const GROWTH_BYTES = 64 * 2 ** 20
/**
 * What may be held for readers that do not read, beside the K/V caches of those that decode: 1024 tokens and a tree
 * each, 4,480 bytes a token.
 */
const UNREAD_BYTES = 32 * 2 ** 20
const KV_BYTES = AT_ONCE * (1024 + 64) * 4480

interface Ask {
  path: string
  body: object
  /** The text that it must come to. */
  text: string
}

const load = suite('load on loopback')
let server: WatchedServer
let idle: WatchedServer
load.before(async () => {
  server = await watchedServer(['--max-batch', String(AT_ONCE), '--max-queue', String(QUEUE)])
  idle = await watchedServer()
})
load.after(async () => {
  assert.equal([await server.stop(), await idle.stop()], [0, 0])
  await closeEngines()
})

/** Requests of all endpoints, and what each comes to by plain decoding of it alone. */
async function asks(engine: Engine): Promise<Ask[]> {
  const prompts = [
    'This package is',
    'Install with npm. Install with npm. Install with',
    '# API\n\n## Usage\n\n```js\nconst',
    '- [ ] one\n- [ ] two\n- [ ]',
  ]
  const all: Ask[] = []
  for (const [i, prompt] of prompts.entries()) {
    for (const temperature of [0, 0.8]) {
      const shared = { model: 'micro', temperature, seed: i, stream: true }
      const plain = { maxTokens: 8 + 8 * i, temperature, seed: i, draft: 'none' }
      const messages = [{ role: 'user', content: prompt }]
      const turn = (await collect(engine, { ...plain, messages })).text
      all.push(
        {
          path: 'completions',
          body: { ...shared, prompt, max_tokens: plain.maxTokens },
          text: (await collect(engine, { ...plain, prompt })).text,
        },
        { path: 'chat/completions', body: { ...shared, messages, max_tokens: plain.maxTokens }, text: turn },
        { path: 'responses', body: { ...shared, input: prompt, max_output_tokens: plain.maxTokens }, text: turn },
      )
    }
  }
  return all
}

load(
  `${STREAMS} streams at once for ${SECONDS} s, ${100 * LEAVE} % of them left in the middle: nothing is lost, ` +
    'and the event loop stays quick',
  async () => {
    const choices = await asks(await engineFor({ target: 'micro' }))
    const counts = { whole: 0, left: 0, chunks: 0 }
    const random = seeded(29)
    const client = async (until: number): Promise<void> => {
      while (performance.now() < until) {
        const { path, body, text } = choices[Math.floor(random() * choices.length)]
        const leaves = random() < LEAVE
        const [afterMs, afterChunks] = [random() * 2000, Math.floor(random() * 6)]
        const controller = new AbortController()
        const timer = leaves ? setTimeout(() => controller.abort(), afterMs) : undefined
        const read = await readStream(
          `${server.url}/v1/${path}`,
          body,
          controller.signal,
          (chunks) => leaves && chunks > afterChunks && controller.abort(),
        ).finally(() => clearTimeout(timer))
        counts.chunks += read.chunks
        if (read.ended) assert.is(read.text, text, `${path} ${JSON.stringify(body)}`)
        else assert.ok(leaves, `a stream of ${path} broke off after ${read.chunks} chunks: ${read.failure}`)
        counts[read.ended ? 'whole' : 'left'] += 1
      }
    }
    await Promise.all([server.watch(), idle.watch()])
    const started = performance.now()
    const clients = (until: number): Promise<unknown> =>
      Promise.all(Array.from({ length: STREAMS }, () => client(until)))
    const halves: { busy: Watch; idle: Watch }[] = []
    for (const half of [1, 2]) {
      await clients(started + (half * SECONDS * 1000) / 2)
      halves.push({ busy: await server.watch(), idle: await idle.watch() })
    }
    const seconds = (performance.now() - started) / 1000
    await eventuallyNothingHeld(server)
    const [middle, end] = halves
    console.log(
      `load: ${JSON.stringify(counts)} in ${seconds.toFixed(0)} s; ` +
        halves
          .map(
            ({ busy, idle }) =>
              `event loop late by ${lagOf(busy)}, an idle one by ${lagOf(idle)}; ` +
              `RSS ${megabytes(busy.rss)}, heap ${megabytes(busy.heap)}`,
          )
          .join('; then '),
    )
    assert.ok(counts.left > 0.1 * counts.whole, 'too few left')
    assert.ok(
      halves.every(({ busy, idle }) => busy.lagMsP99 - idle.lagMsP99 < LAG_MS),
      'the event loop is late',
    )
    assert.ok(
      end.busy.rss - middle.busy.rss < GROWTH_BYTES && end.busy.heap - middle.busy.heap < GROWTH_BYTES,
      'memory grows',
    )
  },
)

load('a full queue refuses at once, and a place that is given up is there for the next', async () => {
  const leave = new AbortController()
  const body = { model: 'micro', prompt: 'This package is', max_tokens: 900, ignore_eos: true, stream: true }
  const open = Array.from({ length: AT_ONCE + QUEUE }, () =>
    readStream(`${server.url}/v1/completions`, body, leave.signal),
  )
  while ((await server.held()).waiting < QUEUE) await new Promise(setImmediate)
  const waits: number[] = []
  for (let i = 0; i < 20; i++) {
    const started = performance.now()
    const refused = await post(`${server.url}/v1/completions`, body)
    waits.push(performance.now() - started)
    assert.equal(
      [refused.status, refused.headers.get('retry-after'), (await refused.json()).error.code],
      [429, '1', 'overloaded'],
    )
  }
  leave.abort()
  assert.ok((await Promise.all(open)).every(({ ended }) => !ended))
  await eventuallyNothingHeld(server)
  waits.sort((a, b) => a - b)
  console.log(`refusals took (least, median, most; ms) ${[0, 10, 19].map((i) => waits[i].toFixed(1)).join(' ')}`)
  assert.ok(waits[10] < 50 && waits[19] < 1000, 'a refusal took its time')
  assert.is((await post(`${server.url}/v1/completions`, { ...body, stream: false, max_tokens: 4 })).status, 200)
})

load('what nobody reads does not pile up', async () => {
  const body = {
    model: 'micro',
    prompt: 'This package is',
    max_tokens: 900,
    ignore_eos: true,
    stream: true,
    logprobs: 20,
  }
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  const whole = (await (await fetch(`${server.url}/v1/completions`, init)).arrayBuffer()).byteLength
  const before = await server.watch()
  const leave = new AbortController()
  const unread = await Promise.all(
    Array.from({ length: 128 }, () => fetch(`${server.url}/v1/completions`, { ...init, signal: leave.signal })),
  )
  assert.ok(unread.every(({ status }) => status === 200))
  await new Promise((resolve) => setTimeout(resolve, 10_000))
  const during = await server.watch()
  leave.abort()
  await eventuallyNothingHeld(server)
  console.log(
    `${unread.length} answers of ${megabytes(whole)} unread: RSS ${megabytes(before.rss)}, then ` +
      `${megabytes(during.rss)}; heap ${megabytes(before.heap)}, then ${megabytes(during.heap)}`,
  )
  assert.ok(
    during.heap - before.heap < UNREAD_BYTES && during.rss - before.rss < KV_BYTES + UNREAD_BYTES,
    'what nobody reads piles up',
  )
})

function lagOf({ lagMsP50, lagMsP99, lagMsMost }: Watch): string {
  return `${lagMsP50.toFixed(1)} ms (p50), ${lagMsP99.toFixed(1)} (p99), ${lagMsMost.toFixed(0)} (most)`
}

load.run()
