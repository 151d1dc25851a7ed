/**
 * `npm run bench -- load`: several requests at once on SmolLM2: with speculation and without on the same engine, and
 * node-llama-cpp with as many sequences, by turns: tokens/s of all together, time to first token, time between tokens,
 * scheduler time, K/V bytes. Clients are closed loops: each sends its next prompt when the last is answered; a
 * measurement ends when the first has none left, so that all of it is at the same load.
 */
import { progressLines } from '../src/common/progress-lines.js'
import { bytesPerToken } from '../src/runtime/kv/store.js'
import { writeFileSync } from 'node:fs'
import { openEngine } from '../src/index.js'
import type { Engine, EngineStats } from '../src/api/types.js'
import { forwardInfo } from '../src/open/open-model.js'
import { cacheFolder } from '../src/common/cache-folder.js'
import { ensureImported } from '../src/import/index.js'
import { pull } from '../src/import/pull/index.js'
import { resolveSource } from '../src/import/resolve-source.js'
import { linePlot } from './line-plot.js'
import { optionOf } from './option.js'
import { LlamaPeer } from './peers/llama-peer.js'
import prompts from './prompts.json' with { type: 'json' }
import { median, quantile } from './stats.js'

export const name = 'load'
export const describe =
  'tokens/s and latencies of SmolLM2 at 1 to 32 requests at once, with speculation and without, and node-llama-cpp'

const LOADS = [1, 2, 4, 8, 16, 32]
/**
 * Tokens of answers, one after another: in the same order for every way. Where all were equally long, clients would go
 * in step and be answered, and read, together.
 */
const TOKENS = [48, 80, 112, 144]
/** Answers of one measurement, at least. */
const ANSWERS_PER_CLIENT = 4
const LEAST_ANSWERS = 8
/** Requests at once by which the peer's number of threads is chosen. */
const TRIAL_LOAD = 4
/** Measurements of each way at each load, by turns. */
const ROUNDS = 2

interface Latencies {
  tokens: number
  /** The K/V caches when most slots were used. */
  kv?: EngineStats['slots']
  ms: number
  firstMs: number[]
  betweenMs: number[]
}

interface Row {
  requests: number
  way: string
  /** Median over the rounds; then the least and the most. */
  tokensPerSecond: number
  least: number
  most: number
  firstMsP50: number
  firstMsP99: number
  betweenMsP50: number
  betweenMsP99: number
  /** Of the engine's time, that outside the target's and the draft's passes: its share, and milliseconds a step. */
  outside?: number
  outsideStepMs?: number
  /**
   * Bytes of the K/V caches of all models when most was in them: for each token in them, and for each slot of the
   * target's, free ones too.
   */
  kvBytesPerToken?: number
  kvBytesPerSlot?: number
}

/** An engine's own account of its time outside passes. */
interface Outside {
  outside: number
  outsideStepMs: number
}

/** What each client asks, one after another. */
function asked(clients: number): { content: string; maxTokens: number }[][] {
  const each = Math.max(ANSWERS_PER_CLIENT, Math.ceil(LEAST_ANSWERS / clients))
  return Array.from({ length: clients }, (_, client) =>
    Array.from({ length: each }, (_, i) => ({
      content: prompts.chat[(client * each + i) % prompts.chat.length],
      maxTokens: TOKENS[(client + i) % TOKENS.length],
    })),
  )
}

async function answer(
  engine: Engine,
  { content, maxTokens }: { content: string; maxTokens: number },
  draft: string | undefined,
  into: Latencies,
): Promise<void> {
  let last = performance.now()
  let isFirst = true
  for await (const { tokens } of engine.generate({ messages: [{ role: 'user', content }], maxTokens, draft })) {
    if (tokens.length === 0 || into.ms > 0) continue
    const now = performance.now()
    const { slots } = engine.stats()
    if (slots.used > (into.kv?.used ?? 0)) into.kv = slots
    if (isFirst) into.firstMs.push(now - last)
    // Once for each token, as the peer is counted.
    else into.betweenMs.push(...tokens.map(() => (now - last) / tokens.length))
    into.tokens += tokens.length
    isFirst = false
    last = now
  }
}

async function ours(engine: Engine, requests: number, draft?: string): Promise<Latencies & Outside> {
  const seen: Latencies = { tokens: 0, ms: 0, firstMs: [], betweenMs: [] }
  const before = engine.stats()
  const started = performance.now()
  await Promise.all(
    asked(requests).map(async (questions) => {
      for (const question of questions) await answer(engine, question, draft, seen)
      seen.ms ||= performance.now() - started
    }),
  )
  const after = engine.stats()
  const outsideMs = after.time.outsideMs - before.time.outsideMs
  const passMs = after.time.targetMs - before.time.targetMs + after.time.draftMs - before.time.draftMs
  return {
    ...seen,
    outside: outsideMs / (outsideMs + passMs),
    outsideStepMs: outsideMs / (after.passes - before.passes),
  }
}

async function theirs(engine: Engine, peer: LlamaPeer, requests: number): Promise<Latencies> {
  const encoded = async ({ content, maxTokens }: { content: string; maxTokens: number }) => ({
    prompt: await engine.encode({ messages: [{ role: 'user', content }] }),
    maxTokens,
  })
  const clients = await Promise.all(asked(requests).map((questions) => Promise.all(questions.map(encoded))))
  return peer.load({ clients })
}

function rowOf(requests: number, way: string, rounds: readonly (Latencies & Partial<Outside>)[]): Row {
  const rates = rounds.map(({ tokens, ms }) => (1000 * tokens) / ms)
  const [first, between] = [rounds.flatMap(({ firstMs }) => firstMs), rounds.flatMap(({ betweenMs }) => betweenMs)]
  const told = rounds.filter((round): round is Latencies & Outside => round.outside !== undefined)
  return {
    requests,
    way,
    tokensPerSecond: median(rates),
    least: Math.min(...rates),
    most: Math.max(...rates),
    firstMsP50: quantile(first, 0.5),
    firstMsP99: quantile(first, 0.99),
    betweenMsP50: quantile(between, 0.5),
    betweenMsP99: quantile(between, 0.99),
    ...(rounds[0].kv && {
      kvBytesPerToken: median(rounds.map(({ kv }) => kv!.bytes / kv!.used)),
      kvBytesPerSlot: median(rounds.map(({ kv }) => kv!.bytes / kv!.all)),
    }),
    ...(told.length > 0 && {
      outside: median(told.map(({ outside }) => outside)),
      outsideStepMs: median(told.map(({ outsideStepMs }) => outsideStepMs)),
    }),
  }
}

/** `args`: target (default SmolLM2), `--loads=1,4`, `--svg=FILE`. */
export async function run(args: readonly string[]): Promise<object> {
  const target = args.find((arg) => !arg.startsWith('--')) ?? 'smollm2-135m'
  const loads = optionOf(args, 'loads')?.split(',').map(Number) ?? LOADS
  const engine = await openEngine({
    target,
    maxBatch: Math.max(...loads),
    prefixCacheBytes: 0,
    onProgress: progressLines((line) => console.error(line)),
  })
  const peer = await LlamaPeer.openBest(
    await pull(target, { cacheDir: cacheFolder() }),
    async (trial) => (await theirs(engine, trial, Math.min(TRIAL_LOAD, Math.max(...loads)))).ms,
  )
  const ways: [string, (requests: number) => Promise<Latencies>][] = [
    ['plain', (requests) => ours(engine, requests, 'none')],
    ['speculative', (requests) => ours(engine, requests)],
    ...(peer
      ? [
          ['node-llama-cpp', (requests) => theirs(engine, peer, requests)] as [
            string,
            (requests: number) => Promise<Latencies>,
          ],
        ]
      : []),
  ]
  const rows: Row[] = []
  try {
    console.log(
      `${engine.info.model} (${engine.info.format}, ${engine.info.runtime}), draft ${engine.info.draft}: ` +
        `${engine.info.plan}`,
    )
    await ours(engine, Math.max(...loads))
    for (const requests of loads) {
      const rounds = ways.map((): Latencies[] => [])
      for (let round = 0; round < ROUNDS; round++)
        for (const [w, [, measure]] of ways.entries()) rounds[w].push(await measure(requests))
      const here = ways.map(([way], w) => rowOf(requests, way, rounds[w]))
      rows.push(...here)
      console.log(`${requests} at once: ${here.map(speedOf).join(', ')} tokens/s`)
      for (const { way, firstMsP50, firstMsP99, betweenMsP50, betweenMsP99, outside } of here) {
        console.log(
          `  ${way}: first token ${firstMsP50.toFixed(0)} ms (p99 ${firstMsP99.toFixed(0)}), between tokens ` +
            `${betweenMsP50.toFixed(1)} ms (p99 ` +
            `${betweenMsP99.toFixed(1)})` +
            (outside === undefined ? '' : `, ${(100 * outside).toFixed(1)} % of the time outside passes`),
        )
      }
    }
  } finally {
    peer?.close()
    await engine.close()
  }
  const lines = ways.map(([label]) => ({
    label,
    points: rows
      .filter(({ way }) => way === label)
      .map(({ requests, tokensPerSecond }) => ({ x: requests, y: tokensPerSecond })),
  }))
  const svg = optionOf(args, 'svg')
  if (svg !== undefined)
    writeFileSync(
      svg,
      linePlot({
        title: 'Tokens per second of all requests together',
        xLabel: 'requests at once',
        panels: [{ title: target, lines }],
      }),
    )
  const { manifest } = await ensureImported(await resolveSource(target, { cacheDir: cacheFolder() }), {
    cacheDir: cacheFolder(),
    format: 'w8a8',
  })
  return { rows, kvBytesPerTokenLeast: bytesPerToken(forwardInfo(manifest).kv) }
}

function speedOf({ way, tokensPerSecond, least, most }: Row): string {
  return `${way} ${tokensPerSecond.toFixed(0)} (${least.toFixed(0)} to ${most.toFixed(0)})`
}
