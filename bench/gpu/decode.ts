/** Decoding with generated weights: what a token takes, plainly and with trees whose acceptance is replayed. */
import type { Engine, GenerateRequest } from '../../src/api/types.js'
import own from '../../models/smollm2-135m-draft/acceptance.json' with { type: 'json' }
import published from '../offload/published-acceptance.json' with { type: 'json' }
import { replayDrafter } from '../offload/replay-drafter.js'
import type { Drafter } from '../../src/strategies/drafter.js'
import type { DraftPasses } from './draft-passes.js'

/** The only token that may come, so that the replay knows it beforehand. */
const TOKEN = 200
const MAX_DEPTH = 24
/** Acceptance by the name of the drafter that replays it. */
const VECTORS: Readonly<Record<string, readonly (readonly number[])[]>> = {
  'published vector': [published.p],
  'our pair, greedy': own.greedy,
}

export interface Rate {
  way: string
  tokens: number
  'ms a token': number
  'tokens a step': number
  /** Of a mean tree. */
  nodes: number
  /** Share of the time outside the target's passes: drafting, and all else. */
  'outside passes': number
}

export const generatedRequest = (maxTokens: number): GenerateRequest => ({
  promptTokens: [10, 11, 12, 13, 14, 15, 16, 17],
  allowedTokens: [TOKEN],
  ignoreEos: true,
  temperature: 0,
  maxTokens,
})

/** One for each vector; a level takes the time of a pass of the draft. */
export function replays({ levelMs, spend }: Pick<DraftPasses, 'levelMs' | 'spend'>): Drafter[] {
  return Object.entries(VECTORS).map(([name, vectors]) =>
    replayDrafter({
      name,
      vectors: vectors.map((vector) => Float64Array.from(vector)),
      token: TOKEN,
      levelMs,
      spend,
      maxDepth: MAX_DEPTH,
    }),
  )
}

/** Of the tokens after an answer's first part, which waits for its prompt. */
export async function rateOf(engine: Engine, way: string, request: GenerateRequest): Promise<Rate> {
  let [tokens, first, started, ended] = [0, 0, 0, 0]
  for await (const part of engine.generate(request)) {
    if (part.tokens.length > 0) {
      ended = performance.now()
      started ||= ended
      first ||= part.tokens.length
      tokens += part.tokens.length
    }
    if (part.stats) {
      const { tokensPerStep, planNodes, overhead } = part.stats
      const ms = (ended - started) / (tokens - first)
      return {
        way,
        tokens,
        'ms a token': ms,
        'tokens a step': tokensPerStep,
        nodes: planNodes,
        'outside passes': overhead,
      }
    }
  }
  throw new Error(`${way}: the answer has no end`)
}

export interface Ratio extends Rate {
  'times plain': number
  'times plain in the paper'?: number
}

/** Plain decoding, then each vector's best tree. */
export async function ratios(
  engine: Engine,
  tokens: { plain: number; tree: number },
  paper: number | undefined,
): Promise<Ratio[]> {
  await rateOf(engine, 'warm-up', { ...generatedRequest(tokens.plain), draft: 'none' })
  const plain = await rateOf(engine, 'plain', { ...generatedRequest(tokens.plain), draft: 'none' })
  const rows: Ratio[] = [{ ...plain, 'times plain': 1 }]
  for (const draft of Object.keys(VECTORS)) {
    const rate = await rateOf(engine, `tree, ${draft}`, { ...generatedRequest(tokens.tree), draft })
    const ratio = plain['ms a token'] / rate['ms a token']
    rows.push({ ...rate, 'times plain': ratio, 'times plain in the paper': paper })
  }
  return rows
}
