/**
 * What `draft: 'auto'` finds where no draft ships for a target: a much smaller model with the same tokens among those
 * that were pulled. Where there is none, it says what would do.
 */
import { resolve } from 'node:path'
import { architectures, type Architecture } from '../architectures/index.js'
import { headOf, heads } from '../heads/index.js'
import { pulledSources, type CachedSource } from '../import/cache-contents.js'
import { resolveSource } from '../import/resolve-source.js'
import { sourceFacts } from '../import/source-facts.js'
import { sourceTokens, type SourceTokens } from '../import/source-tokens.js'
import { ModelError } from '../spec/errors.js'
import { isDraftOpen } from './draft-choice.js'
import type { CheckedOptions } from './check-options.js'

export interface Sibling {
  /** Its file or folder; null where there is none. */
  source: string | null
  /** What to tell of it; null: nothing. */
  note: string | null
}

/** What was pulled that may draft for a target. */
export interface PulledDrafts {
  /** Models with its tokens and at most a third of its weights, the smallest first. */
  siblings: readonly CachedSource[]
  /** Whom heads were trained for, their files do not say. */
  heads: readonly CachedSource[]
}

/** How many weights a target has for each of a draft that may pay: a pass of a draft takes a share of the target's. */
const LEAST_RATIO = 3
/** Embeddings of siblings are padded by less than this share. */
const PADDING = 0.005

/** Throws `ModelError` for a target that cannot be read. Sources that cannot be read are no drafts. */
export async function siblingOf(target: string, cacheDir: string): Promise<Sibling> {
  const candidates = await othersThan(target, cacheDir)
  const { weights } = await sourceFacts(target, cacheDir)
  for await (const { name, path } of siblingsAmong(candidates, target, cacheDir))
    return { source: path, note: `draft: ${name} in the cache has this model's tokens, and drafts for it` }
  return { source: null, note: await adviceFor(await sourceTokens(target, cacheDir), weights, candidates) }
}

/** All that could be tried. Throws as `siblingOf` does. */
export async function pulledDrafts(target: string, cacheDir: string): Promise<PulledDrafts> {
  const candidates = await othersThan(target, cacheDir)
  const [siblings, heads]: CachedSource[][] = [[], []]
  for await (const one of siblingsAmong(candidates, target, cacheDir)) siblings.push(one)
  for await (const one of headsAmong(candidates)) heads.push(one)
  return { siblings, heads }
}

/**
 * The options with what was found where nobody says what drafts, and nothing ships that could, and what to tell of it.
 * Under a budget of memory only what was asked for is opened. Pulls the target; throws what that throws.
 */
export async function withSibling(options: CheckedOptions): Promise<{ options: CheckedOptions; note: string | null }> {
  if (!isDraftOpen(options) || options.memory !== undefined) return { options, note: null }
  const { source, note } = await siblingOf(await resolveSource(options.target, options), options.cacheDir)
  return { options: { ...options, sibling: source }, note }
}

async function othersThan(target: string, cacheDir: string): Promise<CachedSource[]> {
  return (await pulledSources(cacheDir)).filter(({ path }) => path !== resolve(target))
}

async function* siblingsAmong(
  candidates: readonly CachedSource[],
  target: string,
  cacheDir: string,
): AsyncGenerator<CachedSource> {
  const { weights } = await sourceFacts(target, cacheDir)
  const sized = await Promise.all(
    candidates.map(async (source) => ({ source, weights: await weightsOf(source.path, cacheDir) })),
  )
  const small = sized.filter((one) => one.weights > 0 && LEAST_RATIO * one.weights <= weights)
  const { tokens } = await sourceTokens(target, cacheDir)
  for (const { source } of small.sort((a, b) => a.weights - b.weights))
    if ((await tokensOf(source.path, cacheDir)) === tokens) yield source
}

/** What would guess better than n-grams; null where nothing is known that is small enough. */
async function adviceFor(
  { family, vocab }: SourceTokens,
  weights: number,
  candidates: readonly CachedSource[],
): Promise<string | null> {
  for await (const { name } of headsAmong(candidates))
    return `draft: n-grams alone; if ${name} in the cache was trained for this model, draft "${name}" makes it guess`
  const known = architectures.find(({ name }) => name === family)
  const model = smallerFor(known?.smaller ?? [], vocab, weights)
  return model === null
    ? null
    : `draft: n-grams alone; a small model with the same tokens would guess better, and is taken once it ` +
        `is pulled ("sequoia pull ${model}"); or an EAGLE-3 head that was trained for this model, with draft: PATH`
}

function smallerFor(smaller: NonNullable<Architecture['smaller']>, vocab: number, weights: number): string | null {
  const fits = smaller.find((one) => vocab - one.vocab >= 0 && vocab - one.vocab < PADDING * one.vocab)
  return fits && LEAST_RATIO * fits.weights <= weights ? fits.name : null
}

async function* headsAmong(candidates: readonly CachedSource[]): AsyncGenerator<CachedSource> {
  for (const source of candidates) {
    const head = await unlessUnreadable(headOf(source.path, heads), null)
    if (head !== null && head.basis === null) yield source
  }
}

const weightsOf = (path: string, cacheDir: string): Promise<number> =>
  unlessUnreadable(
    sourceFacts(path, cacheDir).then((facts) => facts.weights),
    0,
  )

const tokensOf = (path: string, cacheDir: string): Promise<string | null> =>
  unlessUnreadable(
    sourceTokens(path, cacheDir).then(({ tokens }) => tokens),
    null,
  )

async function unlessUnreadable<T>(found: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await found
  } catch (error) {
    if (error instanceof ModelError) return otherwise
    throw error
  }
}
