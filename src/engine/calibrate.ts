/**
 * Measures what passes cost on this machine at first open, and keeps the figures in the user's cache folder: the same
 * model, processor, thread count and runtime are not measured twice.
 */
import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
import type { ModelRunner } from '../plugin/model-runner.js'
import type { Profile } from './profile.js'

const ROWS = [1, 2, 4, 8, 16, 32]
/** Two context lengths give the line over S. */
const SLOTS = [128, 768]
const RUNS = 5

/** Bump when what is measured changes. */
const VERSION = 1

export interface CalibrationKey {
  /** Folder of the imported model. */
  modelDir: string
  threads: number
}

export async function calibrate(runner: ModelRunner, cacheDir: string, key: CalibrationKey, onProgress?: (line: string) => void): Promise<Profile> {
  const identity = JSON.stringify([VERSION, key.modelDir, cpus()[0]?.model, cpus().length, key.threads, runner.forward.kind])
  const folder = join(cacheDir, 'profiles')
  const file = join(folder, `${createHash('sha256').update(identity).digest('hex').slice(0, 24)}.json`)
  const known = await readProfile(file)
  if (known) return known
  onProgress?.('calibrating: timing passes of 1 to 32 rows')
  const profile = await measure(runner)
  await mkdir(folder, { recursive: true })
  await writeFile(`${file}.${process.pid}`, JSON.stringify(profile))
  await rename(`${file}.${process.pid}`, file)
  return profile
}

async function measure(runner: ModelRunner): Promise<Profile> {
  const rows = ROWS.filter((n) => n <= runner.limits.maxLogitRows)
  const slots = SLOTS.map((s) => Math.min(s, runner.limits.maxSlots))
  const profile: Profile = { rows, baseMs: [], slotMs: [] }
  for (const n of rows) {
    const [short, long] = [await median(runner, n, slots[0]), await median(runner, n, slots[1])]
    const slope = slots[1] > slots[0] ? Math.max(0, (long - short) / (slots[1] - slots[0])) : 0
    profile.slotMs.push(slope)
    profile.baseMs.push(Math.max(0, short - slope * slots[0]))
  }
  return profile
}

async function median(runner: ModelRunner, rows: number, slots: number): Promise<number> {
  await runner.time(rows, slots)
  const times: number[] = []
  for (let i = 0; i < RUNS; i++) times.push(await runner.time(rows, slots))
  return times.sort((a, b) => a - b)[RUNS >> 1]
}

async function readProfile(file: string): Promise<Profile | null> {
  try {
    const profile = JSON.parse(await readFile(file, 'utf8')) as Profile
    const sound = profile.rows.length > 0 && [profile.baseMs, profile.slotMs].every((part) => part.length === profile.rows.length && part.every(Number.isFinite))
    return sound ? profile : null
  } catch {
    return null
  }
}
