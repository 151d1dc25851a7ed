/**
 * The file that a profile is kept in: what passes take on this machine. One that is damaged, or that another version
 * wrote, is as good as none.
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { asRecord } from '../common/record.js'
import { writeWhole } from '../common/write-whole.js'
import type { Profile } from './pass-times.js'

/** Bump when what is measured, or how it is written, changes. */
const VERSION = 6

/** A name of 24 hexadecimal digits for what a file's figures depend on. */
export function fileKey(parts: readonly unknown[]): string {
  return createHash('sha256')
    .update(JSON.stringify([VERSION, ...parts]))
    .digest('hex')
    .slice(0, 24)
}

/** In the user's cache folder: times of passes in `profiles`, what decoding showed in `learned`. */
export function keptPath(cacheDir: string, folder: 'profiles' | 'learned', key: string): string {
  return join(cacheDir, folder, `${key}.json`)
}

/** Null where there is none that is whole. */
export async function readProfile(path: string): Promise<Profile | null> {
  try {
    return checked(JSON.parse(await readFile(path, 'utf8')))
  } catch {
    return null
  }
}

/** A cache that cannot be written still works: what is lost is measured or learned again. */
export async function writeJson(path: string, value: object): Promise<void> {
  await writeWhole(path, JSON.stringify(value)).catch(() => undefined)
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
