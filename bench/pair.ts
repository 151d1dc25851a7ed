/**
 * `npm run bench -- pair [TARGET ...] [--prompts=0,7] [--repeats=N]`: plain against speculative decoding in one run, on
 * SmolLM2 with its draft and on the micro pair: time ratio per prompt, tokens per step, share of time outside the
 * passes, event-loop lag. Both take turns.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { progressLines } from '../src/common/progress-lines.js'
import { openEngine } from '../src/index.js'
import type { Engine, GenerateStats } from '../src/api/types.js'
import { optionOf } from './option.js'
import prompts from './prompts.json' with { type: 'json' }
import { median, quantile, spread } from './stats.js'

export const name = 'pair'
export const describe =
  'plain against speculative decoding, SmolLM2 and the micro pair, 20 held-out prompts, greedy and T=0.8'

/** Of every answer, past its end where it has one: the luck of a dozen tokens says nothing of decoding. */
const TOKENS = 128
/**
 * Repeats a prompt, an even number as who goes first takes turns: an answer of the micro model takes under a tenth of a
 * second, one of SmolLM2 over one.
 */
const REPEATS: Record<string, number> = { micro: 16 }
const FEW = 4
/**
 * Tokens of an answer before it is the next one's turn: few, that a machine that slows down for a second slows all of
 * them; not so few that each finds its weights gone from the caches.
 */
const TURN = 16

interface PromptResult {
  prompt: number
  /** plain time / speculative time for the whole answer, prompt included. */
  ratio: number
  /** The same between the two plain runs: what differs from 1 is noise. */
  noise: number
  plainTokensPerSecond: number
  treeTokensPerSecond: number
  tokensPerStep: number
  acceptance: number
  planNodes: number
  overhead: number
}

/**
 * The engine that speculates and, apart from it so that none learns from another or waits for it, two that only decode
 * plainly.
 */
interface Three {
  plain: Engine
  engine: Engine
  again: Engine
}

/**
 * An answer as one engine gave it: what its stats say of time is its own steps', and so are the milliseconds of each
 * `TURN` tokens, prompt included.
 */
interface Answer {
  stats: GenerateStats
  turnsMs: number[]
}

/** Answers that take turns, the shortest so far first. */
async function answers(engines: readonly Engine[], prompt: string, temperature: number): Promise<Answer[]> {
  const request = {
    messages: [{ role: 'user' as const, content: prompt }],
    maxTokens: TOKENS,
    temperature,
    seed: 1,
    ignoreEos: true,
  }
  const runs = engines.map((engine) => ({
    parts: engine.generate(request)[Symbol.asyncIterator](),
    tokens: 0,
    turnsMs: Array.from({ length: TOKENS / TURN }, () => 0),
    stats: undefined as GenerateStats | undefined,
  }))
  for (let open = [...runs]; open.length > 0; open = open.filter(({ stats }) => !stats)) {
    const run = open.reduce((least, other) => (other.tokens < least.tokens ? other : least))
    for (const end = run.tokens + TURN; run.tokens < end && !run.stats;) {
      const began = performance.now()
      const { value } = await run.parts.next()
      const { tokens, stats } = value!
      const tokenMs = (performance.now() - began) / tokens.length
      // A step's tokens may be of two turns.
      for (const _ of tokens) run.turnsMs[Math.floor(run.tokens++ / TURN)] += tokenMs
      run.stats = stats
    }
  }
  for (const { parts } of runs) await parts.next()
  return runs.map(({ stats, turnsMs }) => ({ stats: stats!, turnsMs }))
}

/**
 * Milliseconds of an answer that was given several times: of each turn the median, so that a neighbour who slows one
 * turn down does not count.
 */
function usualMs(given: readonly Answer[]): number {
  return given[0].turnsMs.reduce((sum, _, turn) => sum + median(given.map(({ turnsMs }) => turnsMs[turn])), 0)
}

/**
 * Each repeat runs plain, speculative and plain decoding side by side: the two plain ones against each other show the
 * noise.
 */
async function measure(
  { plain, engine, again }: Three,
  prompt: string,
  index: number,
  temperature: number,
  repeats: number,
): Promise<PromptResult> {
  const [befores, trees, afters]: Answer[][] = [[], [], []]
  for (let i = 0; i < repeats; i++) {
    // Who goes first in a round takes turns too.
    const [before, tree, after] =
      i % 2 === 0
        ? await answers([plain, engine, again], prompt, temperature)
        : (await answers([again, engine, plain], prompt, temperature)).reverse()
    befores.push(before)
    trees.push(tree)
    afters.push(after)
  }
  const plainMs = usualMs([...befores, ...afters])
  const rate = (given: readonly Answer[]): number =>
    median(given.map(({ stats: { tokens, decodeMs } }) => (1000 * tokens) / decodeMs))
  const last = trees[trees.length - 1].stats
  return {
    prompt: index,
    ratio: plainMs / usualMs(trees),
    noise: usualMs(befores) / usualMs(afters),
    plainTokensPerSecond: rate([...befores, ...afters]),
    treeTokensPerSecond: rate(trees),
    tokensPerStep: last.tokensPerStep,
    acceptance: last.drafted > 0 ? last.accepted / last.drafted : 0,
    planNodes: last.planNodes,
    overhead: last.overhead,
  }
}

/** `args`: targets to measure (default: both), `--prompts=0,7` (default: all 20), `--repeats=N` an even number. */
export async function run(args: readonly string[]): Promise<object> {
  const chosen = optionOf(args, 'prompts')?.split(',').map(Number) ?? [...prompts.chat.keys()]
  const repeats = optionOf(args, 'repeats')
  const targets = args.filter((arg) => !arg.startsWith('--'))
  const results: Record<string, object> = {}
  for (const target of targets.length > 0 ? targets : ['smollm2-135m', 'micro']) {
    const plain = (): Promise<Engine> => openEngine({ target, draft: 'none', prefixCacheBytes: 0 })
    // Of engines that are alike, those opened later are faster (SmolLM2: the third by 6 % than the first): the one that
    // speculates is between the others.
    const before = await plain()
    const engine = await openEngine({
      target,
      prefixCacheBytes: 0,
      onProgress: progressLines((line) => console.error(line)),
    })
    const three: Three = { plain: before, engine, again: await plain() }
    console.log(
      `${engine.info.model} (${engine.info.format}, ${engine.info.runtime}), draft ${engine.info.draft}: ` +
        `${engine.info.plan}`,
    )
    await answers([three.plain, engine, three.again], 'Warm up.', 0)
    for (const temperature of [0, 0.8]) {
      const lag = monitorEventLoopDelay({ resolution: 1 })
      lag.enable()
      const rows: PromptResult[] = []
      for (const i of chosen)
        rows.push(
          await measure(
            three,
            prompts.chat[i],
            i,
            temperature,
            repeats === undefined ? (REPEATS[target] ?? FEW) : Number(repeats),
          ),
        )
      lag.disable()
      const of = (pick: (row: PromptResult) => number): number[] => rows.map(pick)
      const summary = {
        ratio: {
          median: median(of((r) => r.ratio)),
          least: Math.min(...of((r) => r.ratio)),
          most: Math.max(...of((r) => r.ratio)),
        },
        noise: { least: Math.min(...of((r) => r.noise)), most: Math.max(...of((r) => r.noise)) },
        tokensPerStep: median(of((r) => r.tokensPerStep)),
        overhead: median(of((r) => r.overhead)),
        eventLoopLagMs: { p50: lag.percentile(50) / 1e6, p99: lag.percentile(99) / 1e6, max: lag.max / 1e6 },
      }
      console.log(
        `  T=${temperature}: ratio ${spread(of((r) => r.ratio))}, 10th percentile ${quantile(
          of((r) => r.ratio),
          0.1,
        ).toFixed(2)}, plain against plain ${spread(of((r) => r.noise))}; ` +
          `plain ${spread(
            of((r) => r.plainTokensPerSecond),
            0,
          )} tokens/s, speculative ${spread(
            of((r) => r.treeTokensPerSecond),
            0,
          )}; ` +
          `${summary.tokensPerStep.toFixed(2)} tokens a step, ${(100 * summary.overhead).toFixed(1)} % of step ` +
          'time outside passes, ' +
          `event-loop lag p99 ${summary.eventLoopLagMs.p99.toFixed(1)} ms`,
      )
      results[`${target} T=${temperature}`] = { summary, rows }
    }
    await Promise.all(Object.values(three).map((one: Engine) => one.close()))
  }
  return results
}
