/** What drafts brought a model on this machine, and which was best: what `sequoia tune --draft` leaves for `auto`. */
import { resolve } from 'node:path'
import { readKept } from '../common/kept-json.js'
import { asRecord } from '../common/record.js'
import { writeWhole } from '../common/write-whole.js'
import { sourceStamp } from '../import/source-stamp.js'
import { ModelError } from '../spec/errors.js'
import type { DraftChoice } from './draft-choice.js'
import { measuredPath, type MeasuredOn } from './measured-path.js'

/** What a draft brought: times plain decoding of the same texts, greedy and at a temperature. */
export interface MeasuredDraft {
  /** As people read it. */
  name: string
  greedy: number
  sampled: number
}

export interface DraftKey extends MeasuredOn {
  format: string
  /** Where the target computes. */
  address: string
}

/** Drafters of the user's own are not kept: the next process may have another by that name. */
export type KeptChoice = Exclude<DraftChoice, { kind: 'own' }>

export interface BestDraft {
  /** As people read it. */
  name: string
  choice: KeptChoice
  /** What it won against, itself among them. */
  measured: readonly MeasuredDraft[]
}

/** How much quicker another draft must have been than the one that is usual for the target. */
const LEAST_GAIN = 1.05

/** Of texts of both kinds alike. */
export function overall({ greedy, sampled }: MeasuredDraft): number {
  return Math.sqrt(greedy * sampled)
}

/** The quickest; the usual one, where that was measured and the quickest is ahead of it by no more than noise. */
export function quickestDraft(measured: readonly MeasuredDraft[], usual: string | undefined): MeasuredDraft {
  const best = measured.reduce((most, one) => (overall(one) > overall(most) ? one : most))
  const known = measured.find(({ name }) => name === usual)
  return known && overall(best) < LEAST_GAIN * overall(known) ? known : best
}

/** Null where nothing was measured, or the draft that was best is not there as it was. */
export async function readBestDraft(key: DraftKey): Promise<BestDraft | null> {
  const { name, choice, stamp, measured } = asRecord(await readKept(await fileOf(key))) ?? {}
  const kept = choiceOf(choice)
  if (typeof name !== 'string' || !kept || !Array.isArray(measured) || !measured.every(isMeasured)) return null
  return stamp === (await stampOf(kept)) ? { name, choice: kept, measured } : null
}

/** Throws where the cache folder cannot be written. */
export async function keepBestDraft(key: DraftKey, { name, choice, measured }: BestDraft): Promise<void> {
  const kept = choice.kind === 'model' ? { ...choice, source: resolve(choice.source) } : choice
  await writeWhole(await fileOf(key), JSON.stringify({ name, choice: kept, stamp: await stampOf(kept), measured }))
}

const fileOf = ({ format, address, ...on }: DraftKey): Promise<string> => measuredPath('drafts', on, [format, address])

/** Stands for the draft's files; null where it needs none, undefined where they are gone. */
async function stampOf(choice: KeptChoice): Promise<string | null | undefined> {
  if (choice.kind !== 'model') return null
  try {
    return await sourceStamp(choice.source, 'draft')
  } catch (error) {
    if (error instanceof ModelError) return undefined
    throw error
  }
}

function choiceOf(value: unknown): KeptChoice | null {
  const { kind, source, withNgrams } = asRecord(value) ?? {}
  if (kind === 'none' || kind === 'ngram') return { kind }
  const isModel = kind === 'model' && typeof source === 'string' && typeof withNgrams === 'boolean'
  return isModel ? { kind, source, withNgrams } : null
}

function isMeasured(value: unknown): value is MeasuredDraft {
  const { name, greedy, sampled } = asRecord(value) ?? {}
  return typeof name === 'string' && isRatio(greedy) && isRatio(sampled)
}

const isRatio = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value) && value > 0
