/** `sequoia tune --draft A,B` or `all`: what each draft brings a model here; the best is kept for `auto` to take. */
import { existsSync } from 'node:fs'
import type { EngineOptions } from '../api/types.js'
import { remark, type OnProgress } from '../common/progress.js'
import { resolveSource } from '../import/resolve-source.js'
import { AUTO, type CheckedOptions } from '../open/check-options.js'
import { measuredReason } from '../open/chosen-draft.js'
import { draftChoice } from '../open/draft-choice.js'
import { openEngine } from '../open/index.js'
import { keepBestDraft, overall, quickestDraft, type BestDraft, type KeptChoice } from '../open/measured-drafts.js'
import { settle } from '../open/settle.js'
import { pulledDrafts } from '../open/sibling.js'
import { InvalidArgumentError, ModelError } from '../spec/errors.js'
import type { Flag } from './flags.js'
import { measureDrafts, type DraftRate, type DraftRates } from './tune/measure-drafts.js'

const ALL = 'all'

/** One draft to tune with, or several to compare; as `draft` of an engine has them, and `all`. */
export const draftsFlag: Flag<readonly string[]> = {
  takes: `D|${ALL}|A,B`,
  help:
    'auto, none, ngram, or a draft model by name or path (default auto); or several to compare ' +
    `(${ALL}: what ships and what was pulled for this model), of which auto then takes the best`,
  read(given, name) {
    const names = existsSync(given) ? [given] : given.split(',')
    const wrong = names.some((one, i) => one === '' || names.indexOf(one) < i)
    if (!wrong) return names
    throw new InvalidArgumentError(
      name,
      `${name} must be ${AUTO}, ${ALL}, or drafts with commas between, each once; got ${JSON.stringify(given)}`,
    )
  },
}

/** Whether these are to be compared, and not one of them used. */
export const isComparison = (drafts: readonly string[] = []): boolean => drafts.length > 1 || drafts[0] === ALL

export interface ComparedDraft {
  /** As people read it. */
  draft: string
  greedy: DraftRate
  sampled: DraftRate
  /** Times plain decoding, over both. */
  ratio: number
  isChosen: boolean
}

export interface ComparedDrafts {
  model: string
  format: string
  drafts: ComparedDraft[]
  /** What is taken from here on, in one sentence. */
  why: string
}

/** A draft that was measured, and how it is chosen. */
interface Candidate {
  compared: ComparedDraft
  choice: KeptChoice
}

/**
 * Decodes with each draft, by itself and beside n-grams, and keeps the best for this model, format and machine. One
 * that was named and cannot draft for the model is refused; of `all`, such are told and left out.
 */
export async function compareDrafts(
  given: EngineOptions,
  names: readonly string[],
  onProgress: OnProgress,
  questions?: number,
): Promise<ComparedDrafts> {
  if (given.memory !== undefined)
    throw new InvalidArgumentError(
      'memory',
      'drafts are compared without a budget of memory, under which a draft has to be named; leave memory out',
    )
  const { options } = await settle({ ...given, draft: AUTO, onProgress })
  const { named, found } = await sourcesOf(names, options)
  const candidates: Candidate[] = []
  let model = ''
  // The engine of the first model measures n-grams as well; where no model drafts, they have one of their own.
  for (const draft of new Set([...named, ...found, 'ngram'])) {
    if (draft === 'ngram' && candidates.length > 0) break
    const opened = openEngine({ ...given, draft, format: options.format, onProgress })
    const engine = await opened.catch((error: unknown) => {
      if (!found.includes(draft) || !(error instanceof ModelError)) throw error
      onProgress(remark(`draft ${draft} is left out: ${error.message}`))
    })
    if (!engine) continue
    try {
      const { info } = engine
      model = info.model
      await engine.calibrate()
      const isFirst = candidates.length === 0
      const ways = info.drafts.filter((way) => isFirst || way !== 'ngram')
      const shown = candidates.some(({ compared }) => compared.draft === info.draft) ? draft : info.draft
      const measured = await measureDrafts(engine, ways, onProgress, questions)
      candidates.push(...measured.slice(isFirst ? 0 : 1).map((rates) => candidateOf(rates, { source: draft, shown })))
    } finally {
      await engine.close()
    }
  }
  return keep(options, model, candidates)
}

/** Models and heads that draft, by name and as they were found: files and folders, all of which are there. */
async function sourcesOf(
  names: readonly string[],
  options: CheckedOptions,
): Promise<{ named: string[]; found: string[] }> {
  const [named, found]: string[][] = [[], []]
  for (const name of names) {
    const choice = draftChoice({ ...options, draft: name === ALL ? AUTO : name })
    if (choice.kind === 'model') named.push(await resolveSource(choice.source, options))
    if (name !== ALL) continue
    const pulled = await pulledDrafts(await resolveSource(options.target, options), options.cacheDir)
    found.push(...[...pulled.siblings, ...pulled.heads].map(({ path }) => path))
  }
  return { named, found: found.filter((path) => !named.includes(path)) }
}

function candidateOf(
  { draft: way, ...rates }: DraftRates,
  { source, shown }: { source: string; shown: string },
): Candidate {
  const { greedy, sampled } = rates
  const ratio = overall({ name: way, greedy: greedy.ratio, sampled: sampled.ratio })
  const compared = (draft: string): ComparedDraft => ({ draft, ...rates, ratio, isChosen: false })
  if (way === 'none' || way === 'ngram') return { compared: compared(way), choice: { kind: way } }
  const withNgrams = way === 'merged'
  return {
    compared: compared(withNgrams ? `${shown} + ngram` : shown),
    choice: { kind: 'model', source, withNgrams },
  }
}

async function keep(options: CheckedOptions, model: string, candidates: Candidate[]): Promise<ComparedDrafts> {
  const { cacheDir, threads, format, address } = options
  const measured = candidates.map(({ compared: { draft, greedy, sampled } }) => ({
    name: draft,
    greedy: greedy.ratio,
    sampled: sampled.ratio,
  }))
  const usual = draftChoice({ ...options, draft: AUTO })
  const usualSource = usual.kind === 'model' ? await resolveSource(usual.source, options) : null
  const known = candidates.find(({ choice }) =>
    choice.kind === 'model' ? choice.source === usualSource && choice.withNgrams : choice.kind === usual.kind,
  )
  const { name } = quickestDraft(measured, known?.compared.draft)
  const best = candidates.find(({ compared }) => compared.draft === name)!
  best.compared.isChosen = true
  const kept: BestDraft = { name, choice: best.choice, measured }
  const source = await resolveSource(options.target, options)
  await keepBestDraft({ cacheDir, source, threads, format, address }, kept)
  return { model, format, drafts: candidates.map(({ compared }) => compared), why: measuredReason(kept) }
}
