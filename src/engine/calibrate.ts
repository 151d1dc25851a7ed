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
const ROUNDS = 6

/** Bump when what is measured changes. */
const VERSION = 2

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

/** Sizes take turns, so that a disturbance hits all of them alike; the lower quartile of each is kept. */
async function measure(runner: ModelRunner): Promise<Profile> {
  const rows = ROWS.filter((n) => n <= runner.limits.maxLogitRows)
  const slots = SLOTS.map((s) => Math.min(s, runner.limits.maxSlots))
  const times = rows.map(() => slots.map((): number[] => []))
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [i, n] of rows.entries()) {
      for (const [j, s] of slots.entries()) {
        const ms = await runner.time(n, s)
        if (round > 0) times[i][j].push(ms)
      }
    }
  }
  const profile: Profile = { rows, baseMs: [], slotMs: [], drawMs: drawMs(runner) }
  for (const [short, long] of times.map((pair) => pair.map(lowerQuartile))) {
    const slope = slots[1] > slots[0] ? Math.max(0, (long - short) / (slots[1] - slots[0])) : 0
    profile.slotMs.push(slope)
    profile.baseMs.push(Math.max(0, short - slope * slots[0]))
  }
  return profile
}

function drawMs(runner: ModelRunner): number {
  const sampling = { temperature: 1, topK: 0, topP: 1, minP: 0 }
  const times: number[] = []
  for (let position = 0; position <= ROUNDS; position++) {
    const started = performance.now()
    runner.core.draftChildren(runner.logitsPtr, runner.vocab, sampling, { seed: 1n, choice: 0 }, position, 4, 'coupled')
    times.push(performance.now() - started)
  }
  return lowerQuartile(times)
}

function lowerQuartile(times: number[]): number {
  return times.sort((a, b) => a - b)[times.length >> 2]
}

async function readProfile(file: string): Promise<Profile | null> {
  try {
    const profile = JSON.parse(await readFile(file, 'utf8')) as Profile
    const sound = profile.rows.length > 0 && Number.isFinite(profile.drawMs) && [profile.baseMs, profile.slotMs].every((part) => part.length === profile.rows.length && part.every(Number.isFinite))
    return sound ? profile : null
  } catch {
    return null
  }
}
