/**
 * `npm run bench -- load`: several requests at once on SmolLM2, with speculation and without, on the same engine by turns: tokens/s of all together, time to
 * first token, time between tokens. Clients are closed loops: each sends its next prompt when the last is answered.
 */
import { writeFileSync } from 'node:fs'
import { openEngine } from '../src/index.js'
import type { Engine } from '../src/engine/types.js'
import { linePlot } from './line-plot.js'
import prompts from './prompts.json' with { type: 'json' }
import { quantile } from './stats.js'

export const name = 'load'
export const describe = 'tokens/s and latencies of SmolLM2 at 1 to 16 requests at once, with speculation and without'

const LOADS = [1, 2, 4, 8, 16]
const TOKENS = 96
/** Answers of one measurement: enough that the last ones, when clients run out, weigh little. */
const ANSWERS_PER_CLIENT = 3

interface Latencies {
  firstMs: number[]
  betweenMs: number[]
  tokens: number
}

interface Row {
  requests: number
  way: string
  tokensPerSecond: number
  firstMsP50: number
  firstMsP99: number
  betweenMsP50: number
  betweenMsP99: number
}

async function answer(engine: Engine, content: string, draft: string | undefined, into: Latencies): Promise<void> {
  let last = performance.now()
  let isFirst = true
  for await (const { tokens } of engine.generate({ messages: [{ role: 'user', content }], maxTokens: TOKENS, draft })) {
    if (tokens.length === 0) continue
    const now = performance.now()
    if (isFirst) into.firstMs.push(now - last)
    else into.betweenMs.push((now - last) / tokens.length)
    into.tokens += tokens.length
    isFirst = false
    last = now
  }
}

async function measure(engine: Engine, requests: number, way: string, draft: string | undefined): Promise<Row> {
  const seen: Latencies = { firstMs: [], betweenMs: [], tokens: 0 }
  const started = performance.now()
  const clients = Array.from({ length: requests }, async (_, client) => {
    for (let i = 0; i < ANSWERS_PER_CLIENT; i++) await answer(engine, prompts.chat[(client * ANSWERS_PER_CLIENT + i) % prompts.chat.length], draft, seen)
  })
  await Promise.all(clients)
  const seconds = (performance.now() - started) / 1000
  return {
    requests,
    way,
    tokensPerSecond: seen.tokens / seconds,
    firstMsP50: quantile(seen.firstMs, 0.5),
    firstMsP99: quantile(seen.firstMs, 0.99),
    betweenMsP50: quantile(seen.betweenMs, 0.5),
    betweenMsP99: quantile(seen.betweenMs, 0.99),
  }
}

/** `args`: target (default SmolLM2), `--loads=1,4`, `--svg=FILE`. */
export async function run(args: readonly string[]): Promise<object> {
  const option = (key: string): string | undefined => args.find((arg) => arg.startsWith(`--${key}=`))?.slice(key.length + 3)
  const target = args.find((arg) => !arg.startsWith('--')) ?? 'smollm2-135m'
  const loads = option('loads')?.split(',').map(Number) ?? LOADS
  const engine = await openEngine({ target, maxBatch: Math.max(...loads), prefixCacheBytes: 0, onProgress: (line) => console.error(line) })
  const rows: Row[] = []
  try {
    console.log(`${engine.info.model} (${engine.info.format}, ${engine.info.runtime}), draft ${engine.info.draft}: ${engine.info.plan}`)
    await measure(engine, Math.max(...loads), 'warm-up', undefined)
    for (const requests of loads) {
      for (const [way, draft] of [['plain', 'none'], ['speculative', undefined]] as const) rows.push(await measure(engine, requests, way, draft))
    }
  } finally {
    await engine.close()
  }
  const line = (label: string, way: string): { label: string; points: { x: number; y: number }[] } => ({
    label,
    points: rows.filter((row) => row.way === way).map(({ requests, tokensPerSecond }) => ({ x: requests, y: tokensPerSecond })),
  })
  const svg = option('svg')
  if (svg !== undefined) writeFileSync(svg, linePlot({ title: 'Tokens per second of all requests together', xLabel: 'requests at once', panels: [{ title: target, lines: [line('plain', 'plain'), line('speculative', 'speculative')] }] }))
  const best = (way: string): number => Math.max(...rows.filter((row) => row.way === way).map((row) => row.tokensPerSecond))
  return { rows, mostTokensPerSecond: { plain: best('plain'), speculative: best('speculative') } }
}
