/**
 * A target and its draft opened as engines open them, and texts that the target wrote by plain decoding. A text keeps
 * the target's feature of each token, for drafts that read them.
 */
import { Core } from '../../src/core/index.js'
import type { Sampling } from '../../src/core/types.js'
import { appending } from '../../src/passes/appending.js'
import type { ModelRunner } from '../../src/passes/model-runner.js'
import { runTogether } from '../../src/passes/run-together.js'
import { openRunner } from '../../src/open/open-model.js'
import { openModels } from '../../src/open/open-models.js'
import { checkOptions } from '../../src/open/check-options.js'
import prompts from '../prompts.json' with { type: 'json' }

/** Rows of logits of each model that are kept at a time. */
export const MOST_ROWS = 640
const MOST_SLOTS = 1024 + MOST_ROWS
/** Of every request; the choice is the prompt's number. */
const SEED = 1n

export interface Pair {
  name: string
  core: Core
  target: ModelRunner
  draft: ModelRunner
  encode(question: string): number[]
  stopTokens: ReadonlySet<number>
  /** Acceptance by level and rank that the draft ships with. */
  shipped: { greedy: Float64Array[]; sampled: Float64Array[] }
  close(): Promise<void>
}

/** A prompt and its answer. */
export interface Text {
  prompt: number
  tokens: readonly number[]
  /** Tokens of the prompt. */
  start: number
  /** Tokens to the answer's end; those behind it are what the target would go on with. */
  end: number
  /** [tokens - 1] what a draft reads beside each token; empty arrays for drafts that read tokens alone. */
  features: readonly Float32Array[]
  sampling: Sampling
  key: { seed: bigint; choice: number }
}

export const atTemperature = (temperature: number, topP = 1): Sampling => ({ temperature, topK: 0, topP, minP: 0 })

/** Opens a known target with the draft that ships for it. */
export async function openPair(name: string): Promise<Pair> {
  const core = Core.load()
  const options = checkOptions({ target: name })
  const { model, draftModel } = await openModels(options)
  if (!draftModel) throw new Error(`no draft model ships for ${name}; take one that has one`)
  const silent = model.tokenizer.missing(model.manifest.spec.vocab)
  const size = { maxSlots: MOST_SLOTS, maxLogitRows: MOST_ROWS, silent }
  const target = await openRunner(core, model, size, options)
  const draft = await openRunner(core, draftModel, { ...size, vocab: target.vocab }, options)
  const vectors = (levels: number[][]): Float64Array[] => levels.map((level) => Float64Array.from(level))
  const { greedy, sampled } = draftModel.manifest.acceptance!
  return {
    name,
    core,
    target,
    draft,
    encode: (content) => model.template!.encode([{ role: 'user', content }]),
    stopTokens: new Set(model.manifest.stopTokens),
    shipped: { greedy: vectors(greedy), sampled: vectors(sampled) },
    close: async () => {
      await target.dispose()
      await draft.dispose()
    },
  }
}

/** The first `count` held-out prompts, by turns of the kinds. */
export function questions(count: number): string[] {
  const { chat, code, summarize } = prompts
  const longest = Math.max(chat.length, code.length, summarize.length)
  return Array.from({ length: longest }, (_, i) => [chat[i], code[i], summarize[i]])
    .flat()
    .filter((question) => question !== undefined)
    .slice(0, count)
}

/** The answer to a question by plain decoding, to its end or to `most` tokens, and `beyond` more tokens. */
export async function write(
  { core, target, encode, stopTokens }: Pair,
  question: string,
  prompt: number,
  sampling: Sampling,
  most: number,
  beyond: number,
): Promise<Text> {
  const tokens = encode(question)
  const start = tokens.length
  const key = { seed: SEED, choice: prompt }
  const features: Float32Array[] = []
  const { written } = target.forward.info.features
  const cache = target.memory.open()
  const wrote = (rows: Float32Array): void => {
    for (let at = 0; at < rows.length; at += written) features.push(rows.slice(at, at + written))
  }
  const read = (): Promise<number[]> =>
    runTogether([appending(target, cache, tokens.slice(cache.length), true, { wrote })])
  let end = start + most
  while (tokens.length < end + beyond) {
    const [row] = await read()
    const token = core.chooseToken(target.logitsAt(row), target.vocab, sampling, key, tokens.length - 1)
    tokens.push(token)
    if (stopTokens.has(token)) end = Math.min(end, tokens.length)
  }
  cache.release()
  return { prompt, tokens, start, end, features, sampling, key }
}
