/**
 * Measures what passes cost on this machine at first open, and keeps the figures in the user's cache folder: the same
 * model, processor, thread count and runtime are not measured twice, unless asked for. A draft's passes are timed as
 * they are used: between passes of its target, which leave the processor's caches full of the target's weights.
 */
import { keptPath, writeKept } from '../common/kept-json.js'
import type { OnProgress } from '../common/progress.js'
import { cpus } from 'node:os'
import type { ModelRunner } from '../passes/model-runner.js'
import { hasEqualBits } from '../passes/equal-bits.js'
import { PassCorrections, rising } from './pass-corrections.js'
import type { Profile } from './pass-times.js'
import { fileKey, readProfile } from './profile-file.js'

const ROWS = [1, 2, 4, 8, 16, 32]
/** Where a pass takes as long, or hardly longer, whatever its rows, large trees are what counts. */
const WIDE_ROWS = [1, 8, 32, 64, 128, 256, 512]
/** Two context lengths give the line over S. */
const SLOTS = [128, 768]
const ROUNDS = 5
/** Quick passes are disturbed by more: rounds go on for so many milliseconds. */
const LEAST_MS = 500
/** No more rounds are begun after so many milliseconds; where one row takes this long, one context length has to do. */
const ENOUGH_MS = { quick: 4000, slow: 12_000 }
const LONG_PASS_MS = 1000
/** No tree promises so many tokens a pass: what costs more than so many passes of one row need not be measured. */
const MOST_GAIN = 8

/** A doubtful profile is timed anew when an engine is opened, up to so many timings in all. */
const MOST_TIMINGS = 4

export interface TimingKey {
  /** Folder of the imported model. */
  modelDir: string
  threads: number
  /** Layers in memory, where the others are streamed. */
  residentLayers?: number
  /** Where it computes, and how much of it stays there. */
  device?: string
  /** What has a pass before each that is measured, and the folder of its model: a draft's target. */
  between?: { runner: ModelRunner; modelDir: string }
  /** What is told of it while it is timed; 'the model' if left out. */
  called?: string
}

export interface TimedPasses {
  /** Changes in place where it is measured anew, and as passes in use correct it. */
  readonly profile: Profile
  /** Names what was timed: the model, the machine, and how it is used. */
  readonly key: string
  /** Told of passes in use. */
  readonly corrections: PassCorrections
  /**
   * Measures anew, for this engine and for those opened later; in so many `rounds`, a quick look for this engine alone.
   * While idle.
   */
  again(rounds?: number): Promise<void>
  /** Keeps the profile as it is for engines opened later, unless it is from a quick look. */
  keep(): Promise<void>
}

export async function timePasses(
  runner: ModelRunner,
  cacheDir: string,
  key: TimingKey,
  onProgress?: OnProgress,
): Promise<TimedPasses> {
  const { between, called = 'the model' } = key
  const name = fileKey([
    key.modelDir,
    cpus()[0]?.model,
    cpus().length,
    key.threads,
    runner.forward.kind,
    key.residentLayers,
    runner.limits.maxLogitRows,
    between?.modelDir,
    key.device,
  ])
  const file = keptPath(cacheDir, 'profiles', name)
  const kept = await readProfile(file)
  const timings = kept?.timings ?? 1
  const text = `timing passes of ${called}, 1 to ${Math.max(...rowsFor(runner))} rows`
  const onRound = (done: number, total: number): void => onProgress?.({ stage: 'calibrate', text, done, total })
  let profile = kept
  if (!profile || (profile.isDoubtful && timings < MOST_TIMINGS)) {
    profile = await measure(runner, between?.runner, undefined, onRound)
    if (kept) profile.timings = timings + 1
    if (runner.forward.traits.isSlow) profile.isExact = kept?.isExact ?? (await hasEqualBits(runner))
    await writeKept(file, profile)
  }
  const corrections = new PassCorrections(profile)
  runner.onPass = (...pass) => corrections.saw(...pass)
  let isQuickLook = false
  const keep = async (): Promise<void> => (isQuickLook ? undefined : writeKept(file, profile))
  const again = async (rounds?: number): Promise<void> => {
    const measured = await measure(runner, between?.runner, rounds, rounds === undefined ? onRound : undefined)
    Object.assign(profile, { seen: undefined, isDoubtful: undefined, timings: undefined }, measured)
    corrections.restart()
    isQuickLook = rounds !== undefined
    await keep()
  }
  return { profile, key: name, corrections, again, keep }
}

/**
 * Sizes take turns, so that a disturbance hits all of them alike; what is typical of each is kept. The first round
 * warms up, and says which sizes count.
 */
async function measure(
  runner: ModelRunner,
  between?: ModelRunner,
  rounds?: number,
  onRound: (done: number, total: number) => void = () => undefined,
): Promise<Profile> {
  const planned = (rounds ?? ROUNDS) + 1
  onRound(0, planned)
  const { isSlow, isWide } = runner.forward.traits
  const rows = rowsFor(runner)
  const enoughMs = isSlow ? ENOUGH_MS.slow : ENOUGH_MS.quick
  const started = performance.now()
  await runner.time(1, 1)
  const oneMs = await runner.time(1, 1)
  const slots = (oneMs > LONG_PASS_MS ? SLOTS.slice(0, 1) : SLOTS).map((s) => Math.min(s, runner.limits.maxSlots))
  const times: number[][][] = []
  for (const n of rows) {
    const first = await roundOf(runner, n, slots, between)
    times.push(first.map((ms) => [ms]))
    if (isWide && first[0] > MOST_GAIN * oneMs) break
  }
  const isEnough = (round: number, spent: number): boolean =>
    rounds === undefined ? round >= ROUNDS && spent >= LEAST_MS : round >= rounds
  for (
    let round = 0, spent = 0;
    !isEnough(round, spent) && spent < enoughMs;
    round++, spent = performance.now() - started
  ) {
    onRound(Math.min(round + 1, planned - 1), planned)
    // Up and down again: what a large pass leaves in the caches is not always the same size's burden.
    const order = round % 2 === 0 ? [...times.entries()].reverse() : times.entries()
    for (const [i, sizes] of order) {
      const more = await roundOf(runner, rows[i], slots, between)
      sizes.forEach((size, j) => (round === 0 ? (size[0] = more[j]) : size.push(more[j])))
    }
  }
  onRound(planned, planned)
  rows.length = times.length
  const profile: Profile = { rows, baseMs: [], slotMs: [], drawMs: drawMs(runner) }
  const bySlots = slots.map((_, j) => rising(times.map((sizes) => typical(sizes[j]))))
  for (const i of rows.keys()) {
    const [short, long = short] = bySlots.map((ms) => ms[i])
    const [near, far = near] = slots.map((s) => slotsOf(runner, rows[i], s))
    const slope = far > near ? Math.max(0, (long - short) / (far - near)) : 0
    profile.slotMs.push(slope)
    profile.baseMs.push(Math.max(0, short - slope * near))
  }
  return profile
}

function rowsFor({ forward, limits }: ModelRunner): number[] {
  const most = limits.maxLogitRows
  return forward.traits.isWide ? [...WIDE_ROWS.filter((n) => n < most), most] : ROWS.filter((n) => n <= most)
}

/** [slots] milliseconds of one pass each. */
async function roundOf(
  runner: ModelRunner,
  rows: number,
  slots: readonly number[],
  between?: ModelRunner,
): Promise<number[]> {
  const times: number[] = []
  for (const s of slots) {
    await between?.time(1, Math.min(SLOTS[0], between.limits.maxSlots))
    times.push(await runner.time(rows, slotsOf(runner, rows, s)))
  }
  return times
}

/** A slot for each row, as far as a sequence has so many. */
function slotsOf({ limits }: ModelRunner, rows: number, slots: number): number {
  return Math.min(Math.max(rows, slots), limits.maxSlots)
}

function drawMs(runner: ModelRunner): number {
  const sampling = { temperature: 1, topK: 0, topP: 1, minP: 0 }
  const times: number[] = []
  for (let position = 0; position <= ROUNDS; position++) {
    const started = performance.now()
    runner.core.draftChildren(runner.logitsPtr, runner.vocab, sampling, { seed: 1n, choice: 0 }, position, 4, 'coupled')
    times.push(performance.now() - started)
  }
  return typical(times)
}

/**
 * What is usual: the lower quartile. Disturbances only make a pass longer, and the few rounds there are do not meet all
 * sizes with as many of them; what use adds to all alike is learned in use.
 */
export function typical(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[(times.length - 1) >> 2]
}
