/**
 * What decoding showed of a target with its draft on this machine, as it is kept from one process for the next:
 * acceptance by level and rank, what trees cost beside the measured times, and whether they pay. It fades with its age:
 *
 *     kept = first + (learned - first) 2^(-age / 30 days)
 *
 * where `first` is what is taken for granted as long as nothing is known.
 */
import { readKept } from '../common/kept-json.js'
import { asRecord } from '../common/record.js'
import { LEARNED } from '../strategies/policy.js'
import type { Acceptance } from './acceptance.js'
import type { Balance } from './account.js'
import type { Mean } from './cost-meter.js'
import type { KeptMeters } from './meters.js'
import { areNumbers } from './profile-file.js'
import { KINDS, type TreeKind } from './state.js'

export type AcceptanceBySampling = Readonly<Record<'greedy' | 'sampled', readonly ArrayLike<number>[]>>

export interface Learned {
  /** What new texts start from. */
  readonly acceptance: Readonly<Record<'greedy' | 'sampled', Acceptance>>
  readonly meters: KeptMeters
  /** By what is alike. */
  readonly balances: Readonly<Record<string, Balance>>
}

/** Bump when it is written otherwise. */
const VERSION = 1
const DAY_MS = 24 * 3600 * 1000
/** Factors beyond this, or below its inverse, are no measurements. */
const MOST_FACTOR = 100

/** As it is written; `at`: milliseconds since 1970. */
export function toJson({ acceptance, meters, balances }: Learned, at: number): object {
  const lists = (levels: Acceptance): number[][] => levels.map((level) => Array.from(level))
  const { greedy, sampled } = acceptance
  return { version: VERSION, at, acceptance: { greedy: lists(greedy), sampled: lists(sampled) }, meters, balances }
}

/** Null where the file is absent, damaged or not about such acceptance. */
export async function readLearned(path: string, first: AcceptanceBySampling, now: number): Promise<Learned | null> {
  return fromJson(await readKept(path), first, now)
}

/** What was written, faded; null where it is damaged. `first`: the acceptance that it started from. */
export function fromJson(value: unknown, first: AcceptanceBySampling, now: number): Learned | null {
  const { version, at, acceptance, meters, balances } = asRecord(value) ?? {}
  if (version !== VERSION || typeof at !== 'number' || !Number.isFinite(at)) return null
  const keep = 2 ** (-Math.max(0, now - at) / (LEARNED.halfLifeDays * DAY_MS))
  const learned = asRecord(acceptance)
  const greedy = fadedLevels(learned?.greedy, first.greedy, keep)
  const sampled = fadedLevels(learned?.sampled, first.sampled, keep)
  const kept = entries(meters, (trees) => fadedMeter(trees, keep))
  const accounts = entries(balances, (balance) => fadedBalance(balance, keep))
  if (!greedy || !sampled || !kept || !accounts) return null
  return { acceptance: { greedy, sampled }, meters: kept, balances: accounts }
}

/** Every field as `read` has it; null where one of them is null, or there are none to read. */
function entries<T>(value: unknown, read: (field: unknown) => T | null): Record<string, T> | null {
  const record = asRecord(value)
  if (!record) return null
  const all: Record<string, T> = {}
  for (const [name, field] of Object.entries(record)) {
    const one = read(field)
    if (one === null) return null
    all[name] = one
  }
  return all
}

function fadedLevels(value: unknown, first: readonly ArrayLike<number>[], keep: number): Acceptance | null {
  if (!Array.isArray(value) || value.length !== first.length) return null
  const levels: Float64Array[] = []
  for (const [i, level] of first.entries()) {
    const learned: unknown = value[i]
    if (!areNumbers(learned, level.length) || learned.some((p) => p > 1)) return null
    levels.push(Float64Array.from(level, (p, rank) => p + keep * (learned[rank] - p)))
  }
  return levels
}

function fadedMeter(value: unknown, keep: number): Record<TreeKind, Mean> | null {
  const trees = asRecord(value)
  const means: Partial<Record<TreeKind, Mean>> = {}
  for (const kind of KINDS) {
    const { factor, count } = asRecord(trees?.[kind]) ?? {}
    if (!areNumbers([factor, count], 2)) return null
    const known = factor as number
    if (known > MOST_FACTOR || known < 1 / MOST_FACTOR) return null
    means[kind] = { factor: 1 + keep * (known - 1), count: keep * (count as number) }
  }
  return means as Record<TreeKind, Mean>
}

function fadedBalance(value: unknown, keep: number): Balance | null {
  const { loss, rests } = asRecord(value) ?? {}
  if (typeof loss !== 'number' || !Number.isFinite(loss) || typeof rests !== 'boolean') return null
  return { loss: keep * loss, rests }
}
