/**
 * `npm run bench -- scale`: what a queue costs and brings. The queue alone, with workers whose engine costs nothing;
 * the first token and each further one of the micro pair behind it against the same engine in this process, taking
 * turns; tokens a second of 1, 2 and 3 workers. Workers are pinned, each to its share of the cores: with more workers
 * than cores they share them, and cannot be faster than as many as there are cores. `-- scale quick`: a few seconds of
 * each, to see that it works; `-- scale added` (or `queueAlone`, `workers`): that alone.
 */
import { fork, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Queue } from 'bullmq'
import { Redis } from 'ioredis'
import type { Generates, GenerateRequest } from '../src/api/types.js'
import { openEngine } from '../src/index.js'
import { remoteEngine } from '../src/scale/queue/index.js'
import { startRedis, type TestRedis } from '../test/scale/queue/redis.js'
import { median, quantile } from './stats.js'

export const name = 'scale'
export const describe = 'the queue alone, what it adds to each token of the micro pair, and 1 to 3 workers behind it'

const TOKENS = 30
const AT_ONCE = 128
const STREAMS = 24

/** How long it measures. */
interface Length {
  warmSeconds: number
  seconds: number
  rounds: number
}

const WHOLE: Length = { warmSeconds: 2, seconds: 15, rounds: 40 }
const QUICK: Length = { warmSeconds: 0.5, seconds: 2, rounds: 5 }

const MAIN = fileURLToPath(new URL('../dist/src/cli/main.js', import.meta.url))
const PROMPTS = ['This package is', '# API\n\n## Usage\n\n', 'Install with npm. ']

async function stop(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  await exited
}

/** Reads answers, `atOnce` at a time, for some seconds. */
async function load(engine: Generates, atOnce: number, seconds: number, request: (i: number) => GenerateRequest) {
  const started = performance.now()
  const end = started + 1000 * seconds
  let [requests, tokens] = [0, 0]
  const stream = async (): Promise<void> => {
    while (performance.now() < end) {
      for await (const part of engine.generate(request(requests++))) tokens += part.tokens.length
    }
  }
  await Promise.all(Array.from({ length: atOnce }, stream))
  const took = (performance.now() - started) / 1000
  return { requestsPerSecond: requests / took, tokensPerSecond: tokens / took }
}

/** Requests and tokens a second that the queue carries. */
async function queueAlone(redis: string, { warmSeconds, seconds }: Length): Promise<object[]> {
  const program = fileURLToPath(new URL('scale/free-worker.ts', import.meta.url))
  const child = fork(program, [redis])
  await once(child, 'message')
  const engine = await remoteEngine({ redis, model: 'free' })
  const rows: object[] = []
  for (const maxTokens of [1, TOKENS]) {
    await load(engine, AT_ONCE, warmSeconds, () => ({ prompt: 'a', maxTokens }))
    rows.push({ maxTokens, ...(await load(engine, AT_ONCE, seconds, () => ({ prompt: 'a', maxTokens }))) })
  }
  await engine.close()
  await stop(child)
  return rows
}

/** Milliseconds to the first token and to each further one. */
async function times(engine: Generates): Promise<{ firstMs: number; stepMs: number }> {
  const request = { prompt: PROMPTS[0], maxTokens: 96, ignoreEos: true, draft: 'none' }
  const started = performance.now()
  let [first, last, tokens] = [0, 0, 0]
  for await (const part of engine.generate(request)) {
    if (part.tokens.length === 0) continue
    last = performance.now()
    first ||= last
    tokens += part.tokens.length
  }
  return { firstMs: first - started, stepMs: (last - first) / (tokens - 1) }
}

/** A worker on its share of the cores, a share of `of`. */
async function workerProcess(redis: string, core: number, of: number): Promise<ChildProcess> {
  const share = cpus().length >= of ? Math.floor(cpus().length / of) : 1
  const from = (core * share) % cpus().length
  const quiet = ['--log-level', 'warn']
  const args = [MAIN, 'worker', '--redis', redis, '--model', 'micro', '--threads', String(share), ...quiet]
  const child = spawn('taskset', ['-c', `${from}-${from + share - 1}`, process.execPath, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return child
}

/** Milliseconds from a job's being put into a queue to its first word, with nothing of ours between. */
async function bareMs(url: string, rounds: number): Promise<number> {
  const program = fileURLToPath(new URL('scale/bare-worker.ts', import.meta.url))
  const child = fork(program, [url])
  await once(child, 'message')
  const redis = new Redis(url, { maxRetriesPerRequest: null })
  const blocking = redis.duplicate()
  const queue = new Queue('bare', { connection: redis })
  const all: number[] = []
  for (let round = 0; round < rounds; round++) {
    const stream = `bare-${round}`
    const started = performance.now()
    const word = blocking.xread('BLOCK', 5_000, 'STREAMS', stream, '0')
    await queue.add('bare', stream, { removeOnComplete: true })
    await word
    all.push(performance.now() - started)
  }
  await queue.close()
  redis.disconnect()
  blocking.disconnect()
  await stop(child)
  return median(all)
}

/**
 * The same model here and behind the queue, taking turns, one thread each: the worker has half of the cores, Redis and
 * this process the other, so that neither takes the other's time. `bare`: what a first word takes by BullMQ alone.
 */
async function added({ url: redis, client }: TestRedis, { rounds }: Length): Promise<object[]> {
  const half = cpus().length >> 1
  const storeId = Number((await client.info('server')).match(/process_id:(\d+)/)![1])
  const pin = (cores: string): void =>
    [process.pid, storeId].forEach((id) => spawnSync('taskset', ['-a', '-c', '-p', cores, String(id)]))
  pin(`${half}-${cpus().length - 1}`)
  const child = await workerProcess(redis, 0, 2)
  const far = await remoteEngine({ redis, model: 'micro' })
  const near = await openEngine({ target: 'micro', threads: 1 })
  const all: { near: Awaited<ReturnType<typeof times>>; far: Awaited<ReturnType<typeof times>> }[] = []
  for (let round = -3; round < rounds; round++) {
    const one = { near: await times(near), far: await times(far) }
    if (round >= 0) all.push(one)
  }
  await far.close()
  await near.close()
  await stop(child)
  const bare = await bareMs(redis, rounds)
  pin(`0-${cpus().length - 1}`)
  return (['firstMs', 'stepMs'] as const).map((of) => {
    const here = all.map(({ near }) => near[of])
    const behind = all.map(({ far }) => far[of])
    const more = behind.map((ms, i) => ms - here[i])
    return {
      of,
      here: median(here),
      behind: median(behind),
      added: median(more),
      addedP90: quantile(more, 0.9),
      ...(of === 'firstMs' && { bare }),
    }
  })
}

async function workers(redis: string, { warmSeconds, seconds }: Length): Promise<object[]> {
  const rows: object[] = []
  for (const count of [1, 2, 3]) {
    const children: ChildProcess[] = []
    for (let i = 0; i < count; i++) children.push(await workerProcess(redis, i, count))
    const engine = await remoteEngine({ redis, model: 'micro' })
    const request = (i: number): GenerateRequest => ({
      prompt: PROMPTS[i % PROMPTS.length],
      maxTokens: 100,
      temperature: 0.8,
      seed: i,
      ignoreEos: true,
    })
    await load(engine, STREAMS, warmSeconds, request)
    const { tokensPerSecond } = await load(engine, STREAMS, seconds, request)
    rows.push({ workers: count, tokensPerSecond })
    await engine.close()
    await Promise.all(children.map(stop))
  }
  return rows
}

/** What can be measured by itself. */
const PARTS = {
  queueAlone: ({ url }: TestRedis, length: Length) => queueAlone(url, length),
  added,
  workers: ({ url }: TestRedis, length: Length) => workers(url, length),
}

export async function run(args: readonly string[]): Promise<object> {
  const length = args.includes('quick') ? QUICK : WHOLE
  const names = Object.keys(PARTS) as (keyof typeof PARTS)[]
  const asked = names.filter((name) => args.includes(name))
  const store = await startRedis()
  const measured: Record<string, object[]> = {}
  try {
    for (const name of asked.length > 0 ? asked : names) measured[name] = await PARTS[name](store, length)
    return measured
  } finally {
    await store.close()
  }
}
