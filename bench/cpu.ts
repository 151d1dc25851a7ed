/**
 * `npm run bench -- cpu`: a published model (SmolLM2, or `--model=NAME`) on prompts of three kinds, greedy and at
 * T=0.8: plain, a tree with each drafter, the best chain, a binary tree as large as the planner's, and node-llama-cpp
 * plain and with its prompt lookup. Ways take turns prompt by prompt, so that a machine that slows down slows all.
 */
import { writeFileSync } from 'node:fs'
import { progressLines } from '../src/common/progress-lines.js'
import { openEngine } from '../src/index.js'
import type { Engine, GenerateRequest, GenerateStats } from '../src/api/types.js'
import { cacheFolder } from '../src/common/cache-folder.js'
import { pull } from '../src/import/pull/index.js'
import { realModel, type RealModel } from '../test/support/real-models.js'
import { barPlot, type BarGroup } from './bar-plot.js'
import { optionOf } from './option.js'
import { LlamaPeer } from './peers/llama-peer.js'
import prompts from './prompts.json' with { type: 'json' }
import { median, spread } from './stats.js'

export const name = 'cpu'
export const describe =
  'a published model, 40 held-out prompts of three kinds: ways of drafting against plain decoding and node-llama-cpp'

const TOKENS = 200
const KINDS = ['chat', 'code', 'summarize'] as const
const CHAINS = [2, 3, 4, 6]
/** What the default draft of this target is: it is measured as `default`. */
const USUAL = 'merged'
/** A tail of this many tokens that repeats with a period this short is a loop. */
const LOOP = { tail: 60, period: 20 }

interface Outcome {
  msPerToken: number
  tokens: number
  tokensPerStep?: number
  nodes?: number
  ids?: number[]
}

/** One way of decoding a prompt. */
interface Way {
  name: string
  run(prompt: string, temperature: number): Promise<Outcome>
}

/** An engine, and how its model is asked. */
interface Measured {
  engine: Engine
  asked: RealModel['asked']
}

async function ours(
  { engine, asked }: Measured,
  prompt: string,
  temperature: number,
  more: Partial<GenerateRequest>,
  tokens = TOKENS,
): Promise<Outcome> {
  let stats: GenerateStats | undefined
  const ids: number[] = []
  for await (const part of engine.generate({
    ...asked(prompt),
    maxTokens: tokens,
    temperature,
    seed: 1,
    ...more,
  })) {
    ids.push(...part.tokens)
    stats = part.stats ?? stats
  }
  return {
    msPerToken: (stats!.prefillMs + stats!.decodeMs) / stats!.tokens,
    tokens: stats!.tokens,
    tokensPerStep: stats!.tokensPerStep,
    nodes: stats!.planNodes,
    ids,
  }
}

const chain = (depth: number): number[] => Array.from({ length: depth + 1 }, (_, i) => i - 1)
const binary = (nodes: number): number[] => Array.from({ length: nodes }, (_, i) => (i === 0 ? -1 : (i - 1) >> 1))

/** The chain that takes least time on a few prompts that are not measured. */
async function bestChain(measured: Measured, draft: string): Promise<number[]> {
  const times: number[] = []
  for (const depth of CHAINS) {
    const runs = []
    for (const prompt of ['What is a comet?', 'Write a limerick about a cat.', 'How do I boil an egg?'])
      runs.push(await ours(measured, prompt, 0, { draft, tree: chain(depth) }, 100))
    times.push(median(runs.map((run) => run.msPerToken)))
  }
  return chain(CHAINS[times.indexOf(Math.min(...times))])
}

function isLoop(ids: readonly number[]): boolean {
  if (ids.length < LOOP.tail) return false
  const tail = ids.slice(-LOOP.tail)
  for (let period = 1; period <= LOOP.period; period++)
    if (tail.every((id, i) => i < period || id === tail[i - period])) return true
  return false
}

async function waysOf(measured: Measured, peer: LlamaPeer | null): Promise<Way[]> {
  const { engine, asked } = measured
  const { draft } = engine.info
  const main = draft === 'ngram' ? 'ngram' : 'model'
  const usual = await ours(measured, 'What is a comet?', 0, {})
  const shapes = { chain: await bestChain(measured, main), binary: binary(Math.max(3, Math.round(usual.nodes ?? 3))) }
  const own = (name: string, more: Partial<GenerateRequest>): Way => ({
    name,
    run: (prompt, temperature) => ours(measured, prompt, temperature, more),
  })
  const ways = [
    own('plain', { draft: 'none' }),
    own('default', {}),
    ...engine.info.drafts.filter((draft) => draft !== USUAL).map((draft) => own(`tree, ${draft}`, { draft })),
  ]
  ways.push(
    own(`chain of ${shapes.chain.length - 1}, ${main}`, { draft: main, tree: shapes.chain }),
    own(`binary tree of ${shapes.binary.length}, ${main}`, { draft: main, tree: shapes.binary }),
  )
  if (peer) {
    for (const lookup of [false, true]) {
      ways.push({
        name: lookup ? 'node-llama-cpp, lookup' : 'node-llama-cpp',
        run: async (prompt, temperature) => {
          const tokens = await engine.encode(asked(prompt))
          const answer = await peer.answer({ tokens, maxTokens: TOKENS, temperature, seed: 1, lookup })
          return { msPerToken: answer.ms / answer.tokens, tokens: answer.tokens }
        },
      })
    }
  }
  return ways
}

export interface Row {
  way: string
  ratio: number
  least: number
  most: number
  tokensPerSecond: number
  tokensPerStep?: number
  prompts: number
}

/** Ratios of each way to plain decoding, over prompts whose plain answer is no loop (or is). */
function rowsOf(ways: readonly Way[], table: readonly Outcome[][], kept: (plain: Outcome) => boolean): Row[] {
  const some = table.filter(([plain]) => kept(plain))
  if (some.length === 0) return []
  return ways.map(({ name }, w) => {
    const ratios = some.map((row) => row[0].msPerToken / row[w].msPerToken)
    const steps = some.map((row) => row[w].tokensPerStep).filter((value) => value !== undefined)
    return {
      way: name,
      ratio: median(ratios),
      least: Math.min(...ratios),
      most: Math.max(...ratios),
      tokensPerSecond: median(some.map((row) => 1000 / row[w].msPerToken)),
      ...(steps.length > 0 ? { tokensPerStep: median(steps) } : {}),
      prompts: some.length,
    }
  })
}

/**
 * `args`: kinds of prompts to run (default: all); `--prompts=N` takes the first N of each; `--svg=FILE` draws the
 * ratios; `--model=gemma3-270m` takes that one.
 */
export async function run(args: readonly string[]): Promise<object> {
  const chosen = KINDS.filter((kind) => args.includes(kind))
  const most = Number(optionOf(args, 'prompts') ?? Infinity)
  const { name: target, asked } = realModel(optionOf(args, 'model'))
  const engine = await openEngine({
    target,
    prefixCacheBytes: 0,
    onProgress: progressLines((line) => console.error(line)),
  })
  const peer = await LlamaPeer.openBest(await pull(target, { cacheDir: cacheFolder() }))
  const results: Record<string, object> = {}
  const groups: BarGroup[] = []
  try {
    console.log(
      `${engine.info.model} (${engine.info.format}, ${engine.info.runtime}), draft ${engine.info.draft}: ` +
        `${engine.info.plan}`,
    )
    const ways = await waysOf({ engine, asked }, peer)
    for (const kind of chosen.length > 0 ? chosen : KINDS) {
      for (const temperature of [0, 0.8]) {
        const table: Outcome[][] = []
        for (const prompt of prompts[kind].slice(0, most)) {
          const row: Outcome[] = []
          for (const way of ways) row.push(await way.run(prompt, temperature))
          table.push(row)
        }
        const parted = table.filter((row) => row.some(({ ids }) => ids && ids.join() !== row[0].ids!.join())).length
        const rows = rowsOf(ways, table, (plain) => !isLoop(plain.ids ?? []))
        const title = `${kind}, T=${temperature}`
        results[title] = { rows, parted, loops: rowsOf(ways, table, (plain) => isLoop(plain.ids ?? [])) }
        groups.push({
          title,
          bars: rows.slice(1).map((row) => ({ label: row.way, value: row.ratio, least: row.least, most: row.most })),
        })
        console.log(
          `${title}: ${rows.map((row) => `${row.way} ${row.ratio.toFixed(2)}`).join(', ')}; plain ${spread(
            table.map(([plain]) => 1000 / plain.msPerToken),
            0,
          )} tokens/s; prompts where one of our ways gave another text than plain: ${parted} of ${table.length}`,
        )
      }
    }
  } finally {
    peer?.close()
    await engine.close()
  }
  const svg = optionOf(args, 'svg')
  if (svg !== undefined)
    writeFileSync(
      svg,
      barPlot('Time of plain decoding over time of each way: median, least and most over prompts', groups),
    )
  return results
}
