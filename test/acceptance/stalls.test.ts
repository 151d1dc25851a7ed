// @process own
/**
 * The worst input of every field, one after another, to `sequoia serve` beside a running stream: none holds the event
 * loop, and none is a fault of the server's. A second process asks for `/health/live` every 20 ms. `STALLS_MODEL` sets
 * another model than the micro pair, `STALLS_ONLY` a part of the inputs' names.
 *
 * What counts of an input is the processor time of the server's main thread between two turns of its event loop, the
 * least of three tries: a machine that is busy with other things adds nothing to it but what caches and shared cores
 * cost. Each try is in other words, so that nothing that was kept of the one before helps. Beside it stands the same of
 * a short question, which says what the machine adds. What health checks took is judged where a process that does
 * nothing answered quickly meanwhile, else it is only told.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { watchedServer, type WatchedServer } from '../support/watched-server.js'
import { worstInputs, type WorstInput } from '../support/worst-inputs.js'

const MODEL = process.env.STALLS_MODEL ?? 'micro'
const ONLY = process.env.STALLS_ONLY ?? ''
/** Of both models' contexts a good part, as text. */
const LENGTH = MODEL === 'micro' ? 2000 : 24_000
const VOCAB = MODEL === 'micro' ? 4096 : 49_152
const TRIES = 3
/** Tries of an input that is over the bound. */
const MOST_TRIES = 6
const SHORT: Pick<WorstInput, 'path' | 'body'> = {
  path: 'chat/completions',
  body: { messages: [{ role: 'user', content: 'Hi' }], max_tokens: 4, temperature: 0 },
}
/** Processor time that the event loop may be held for. */
const MOST_MS = 50
/** What 99 of 100 health checks may take, and what those of an idle process take where the machine is quiet. */
const HEALTH_MS = 100
const QUIET_MS = 20
const STREAM = {
  model: MODEL,
  messages: [{ role: 'user', content: 'Tell me a long story' }],
  max_tokens: 400,
  ignore_eos: true,
  stream: true,
}

const POLLER = fileURLToPath(new URL('../support/health-poller.ts', import.meta.url))

const stalls = suite('stalls')
let server: WatchedServer
stalls.before(async () => void (server = await watchedServer(['--tool-prompt', 'generic', '--max-batch', '17'], MODEL)))
stalls.after(async () => void (await server.stop()))

const poll = (url: string): ChildProcess => fork(POLLER, [url], { execArgv: ['--import', 'tsx'] })

async function tookMs(poller: ChildProcess): Promise<number[]> {
  const told = once(poller, 'message')
  poller.send('tell')
  return (await told)[0] as number[]
}

async function send({ path, body }: Pick<WorstInput, 'path' | 'body'>): Promise<{ status: number; text: string }> {
  const reply = await fetch(`${server.url}/v1/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: MODEL, ...body }),
  })
  return { status: reply.status, text: await reply.text() }
}

/** What the event loop was held for meanwhile: processor and wall time, ms. */
interface Held {
  ms: number
  wallMs: number
  status: number
  text: string
}

async function held(input: Pick<WorstInput, 'path' | 'body'>): Promise<Held> {
  await server.watch()
  const answer = await send(input)
  const { heldMsMost, lagMsMost } = await server.watch()
  return { ms: heldMsMost, wallMs: lagMsMost, ...answer }
}

const share = (all: readonly number[], part: number): number => {
  const sorted = all.toSorted((a, b) => a - b)
  return sorted[Math.floor(part * (sorted.length - 1))]
}
const told = (all: readonly number[]): string => [0.5, 0.99, 1].map((part) => share(all, part).toFixed(0)).join(', ')

stalls('no input holds the event loop up', async () => {
  const over = new AbortController()
  const stream = (async () => {
    while (!over.signal.aborted) await send({ path: 'chat/completions', body: STREAM })
  })()
  const idle = createServer((_, reply) => void reply.end('{}')).listen(0, '127.0.0.1')
  await once(idle, 'listening')
  const pollers = [
    poll(`${server.url}/health/live`),
    poll(`http://127.0.0.1:${(idle.address() as { port: number }).port}`),
  ]
  const faults: string[] = []
  const quiet: Held[] = []
  for (let i = 0; i < 20; i++) quiet.push(await held(SHORT))
  const worst: { name: string; first: number; ms: number; wallMs: number; status: number }[] = []
  const tries = Array.from({ length: MOST_TRIES }, (_, salt) => worstInputs(LENGTH, VOCAB, salt))
  for (const [at, { name }] of tries[0].entries()) {
    if (!name.includes(ONLY)) continue
    const all: Held[] = []
    while (all.length < TRIES || (all.length < MOST_TRIES && Math.min(...all.map(({ ms }) => ms)) > MOST_MS)) {
      const one = await held(tries[all.length][at])
      all.push(one)
      if (one.status >= 500) faults.push(`${name}: ${one.status} ${one.text.slice(0, 300)}`)
    }
    const least = (of: (one: Held) => number): number => Math.min(...all.map(of))
    worst.push({
      name,
      first: all[0].ms,
      ms: least(({ ms }) => ms),
      wallMs: least(({ wallMs }) => wallMs),
      status: all[0].status,
    })
    // How slow the machine is meanwhile.
    quiet.push(await held(SHORT))
  }
  const [health, machine] = await Promise.all(pollers.map(tookMs))
  for (const poller of pollers) poller.disconnect()
  idle.close()
  over.abort()
  await stream
  console.log('processor time of the main thread in one turn: least of all tries, first try; wall time, least; ms')
  for (const { name, first, ms, wallMs, status } of worst.toSorted((a, b) => b.ms - a.ms).slice(0, 25))
    console.log(`${[ms, first, wallMs].map((one) => one.toFixed(0).padStart(6)).join('')}  ${status}  ${name}`)
  console.log(`first tries, p50, p99 and most: ${told(worst.map(({ first }) => first))}`)
  console.log(
    `${worst.length} inputs; a short question meanwhile, p50, p99 and most: ${told(quiet.map(({ ms }) => ms))}; ` +
      `wall time: ${told(quiet.map(({ wallMs }) => wallMs))}`,
  )
  const p99 = [health, machine].map((all) => share(all, 0.99))
  const isQuiet = p99[1] < QUIET_MS
  console.log(
    `health, p50, p99 and most: ${told(health)}; a process that does nothing: ${told(machine)}: the machine was ` +
      `${isQuiet ? 'quiet' : 'busy, so the bound on health checks was not judged'}`,
  )
  assert.is(faults.join('\n'), '')
  assert.is(server.complaints(), '')
  const slow = worst.filter(({ ms }) => ms > MOST_MS)
  assert.is(slow.map(({ name, ms }) => `${name}: ${ms.toFixed(0)} ms`).join('\n'), '')
  assert.not(isQuiet && p99[0] >= HEALTH_MS, `99 of 100 health checks took up to ${p99[0]} ms`)
})

stalls.run()
