/**
 * The file that a profile is kept in: what passes take on this machine. One that is damaged, or that another version
 * wrote, is as good as none.
 */
import { keptName, readKept } from '../common/kept-json.js'
import { asRecord } from '../common/record.js'
import type { Profile } from './pass-times.js'

/** Bump when what is measured, or how it is written, changes. */
const VERSION = 6

/** A name for what a file's figures depend on. */
export function fileKey(parts: readonly unknown[]): string {
  return keptName([VERSION, ...parts])
}

/** Null where there is none that is whole. */
export async function readProfile(path: string): Promise<Profile | null> {
  return checked(await readKept(path))
}

function checked(value: unknown): Profile | null {
  const profile = asRecord(value) as Partial<Record<keyof Profile, unknown>> | undefined
  if (!profile) return null
  const { rows, baseMs, slotMs, drawMs, isExact, isDoubtful, seen, timings } = profile
  const sizes = Array.isArray(rows) ? rows.length : 0
  const isSound =
    sizes > 0 &&
    areNumbers(rows, sizes) &&
    rows[0] === 1 &&
    rows.every((n, i) => i === 0 || n > rows[i - 1]) &&
    areNumbers(baseMs, sizes) &&
    baseMs.some((ms) => ms > 0) &&
    areNumbers(slotMs, sizes) &&
    areNumbers([drawMs], 1) &&
    (seen === undefined || areNumbers(seen, sizes)) &&
    (timings === undefined || areNumbers([timings], 1)) &&
    [isExact, isDoubtful].every((flag) => flag === undefined || typeof flag === 'boolean')
  return isSound ? (profile as Profile) : null
}

/** Whether it is a list of so many finite numbers, none below 0. */
export function areNumbers(value: unknown, count: number): value is number[] {
  return (
    Array.isArray(value) && value.length === count && value.every((one) => Number.isFinite(one) && (one as number) >= 0)
  )
}
