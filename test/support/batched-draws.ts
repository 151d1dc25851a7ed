/**
 * The first two tokens of many sampled answers of the micro pair, drawn on trees in a batch of sixteen requests with
 * different rules and settings, against the law that the target's own logits give them.
 */
import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import type { Engine, GenerateRequest } from '../../src/api/types.js'
import { collect, TREES } from './equality.js'
import { openMicroTables, type MicroTables } from './micro-tables.js'
import { chiSquareQuantile, gTest, pairLaw, Z } from './statistics.js'

/** One token: there is nothing to read before the first step. */
const PREFIX = '##'
/** Requests of one batch. */
const TOGETHER = 16

/** Small enough for sixteen of them to share a pass. */
const SHAPES = [TREES.fork, [-1, 0, 0, 0, 1, 1, 2], [-1, 0, 1, 2]]

interface Setting {
  verifier: 'coupled' | 'sequoia'
  temperature: number
  topP: number
  /** On top of that: a presence penalty, and a bias against the likeliest first token. */
  changed: boolean
}

/** Both rules at this temperature, as it is, truncated, and changed. */
function settingsAt(temperature: number): Setting[] {
  return (['coupled', 'sequoia'] as const).flatMap((verifier) => [
    { verifier, temperature, topP: 1, changed: false },
    { verifier, temperature: 0.8 * temperature, topP: 0.9, changed: false },
    { verifier, temperature, topP: 1, changed: true },
  ])
}

const PENALTY = 1.5
const BIAS = -1

interface Fit {
  setting: Setting
  g: number
  df: number
  limit: number
  /** The same draws against the law of a temperature that is too high by three tenths. */
  wrongG: number
}

/**
 * `draws` answers of each of six settings around one temperature, mixed. Rules that refuse a seed get one all the same,
 * so that a second run draws the same.
 */
export async function fitBatchedDraws(engine: Engine, draws: number, temperature: number): Promise<Fit[]> {
  const settings = settingsAt(temperature)
  const tables = await openMicroTables(PREFIX)
  const likeliest = tables.target.root.reduce((best, logit, token, all) => (logit > all[best] ? token : best), 0)
  const observed = settings.map(() => new Map<number, number>())
  const restore = fixSeed()
  let next = 0
  const client = async (): Promise<void> => {
    while (next < draws * settings.length) {
      const n = next++
      const {
        tokens: [first, second],
      } = await collect(engine, requestOf(settings[n % settings.length], likeliest, n))
      const counts = observed[n % settings.length]
      const cell = first * tables.vocab + second
      counts.set(cell, (counts.get(cell) ?? 0) + 1)
    }
  }
  await Promise.all(Array.from({ length: TOGETHER }, client))
  restore()
  const fits: Fit[] = []
  for (const [i, setting] of settings.entries()) {
    const { g, df } = gTest(observed[i], await lawOf(tables, setting, likeliest, draws), draws)
    const wrong = gTest(
      observed[i],
      await lawOf(tables, { ...setting, temperature: 1.3 * setting.temperature }, likeliest, draws),
      draws,
    )
    fits.push({ setting, g, df, limit: chiSquareQuantile(df, Z), wrongG: wrong.g })
  }
  await tables.close()
  return fits
}

export function labelOf({ setting: { verifier, temperature, topP, changed }, g, df, limit, wrongG }: Fit): string {
  const what = `${verifier}, T=${temperature.toFixed(2)}, top-p ${topP}${changed ? ', penalty and bias' : ''}`
  return (
    `${what}: G = ${g.toFixed(1)}, limit ${limit.toFixed(1)} at ${df} degrees of freedom (a wrong temperature: ` +
    `${wrongG.toFixed(1)})`
  )
}

function requestOf({ verifier, temperature, topP, changed }: Setting, likeliest: number, n: number): GenerateRequest {
  return {
    prompt: PREFIX,
    maxTokens: 2,
    ignoreEos: true,
    draft: 'model',
    tree: SHAPES[n % SHAPES.length],
    verifier,
    temperature,
    topP,
    // The noise of request n, whenever it runs.
    choice: n,
    ...(changed && { presencePenalty: PENALTY, logitBias: { [likeliest]: BIAS } }),
  }
}

/** The law of the pairs of tokens. */
function lawOf(
  { target }: MicroTables,
  { changed, ...setting }: Setting,
  likeliest: number,
  draws: number,
): Promise<Map<number, number>> {
  const adjusted = (row: Float32Array, before?: number): Float32Array => {
    const logits = row.slice()
    if (changed) logits[likeliest] += BIAS
    if (changed && before !== undefined) logits[before] -= PENALTY
    return logits
  }
  return pairLaw(adjusted(target.root), async (first) => adjusted(await target.after(first), first), setting, draws)
}

/** Makes the seed that the engine draws for requests without one 0; returns the way back. */
export function fixSeed(): () => void {
  const { randomBytes } = crypto
  Object.assign(crypto, { randomBytes: (size: number) => Buffer.alloc(size) })
  syncBuiltinESMExports()
  return () => {
    Object.assign(crypto, { randomBytes })
    syncBuiltinESMExports()
  }
}
