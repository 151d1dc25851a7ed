/**
 * The check of `equal-bits.ts` for passes of several sequences on a device, whose shapes follow from the rows, from the
 * lanes and slots of the cache, and from the rows of the sequence that has most.
 */
import { appending, extend } from './appending.js'
import { logitsOf, type PassKind } from './equal-bits.js'
import { lanesFor } from './lanes.js'
import { ModelRunner } from './model-runner.js'
import type { PassPart } from './pass-part.js'
import { runTogether } from './run-together.js'
import type { SequenceCache } from './sequence-cache.js'

/** Arbitrary: the text of the first and the last sequence, the token that is compared, and how others differ. */
const TEXT = [7, 19, 2, 23, 13]
const TOKEN = 11
const STEP = 3

/** Slots that a cache comes to have while texts grow to `most`. */
export function capacitiesUpTo(first: number, most: number): number[] {
  const capacities: number[] = []
  for (let capacity = Math.min(first, most); capacity < most; capacity *= 2) capacities.push(capacity)
  return [...capacities, most]
}

/**
 * Kinds of passes in which a row of one among several sequences has other bits than alone: as many sequences as a cache
 * has lanes for, each of `widths`, each of `capacities`; rows shared out evenly, and nearly all in one sequence's hand.
 * Works on caches of its own, one after another.
 */
export async function unequalAmongOthers(
  target: ModelRunner,
  { widths, capacities }: { widths: readonly number[]; capacities: readonly number[] },
): Promise<PassKind[]> {
  const { core, forward, limits, clock } = target
  if (limits.maxLanes === 1) return []
  const alone = await aloneOf(target)
  const unequal: PassKind[] = []
  for (const capacity of capacities) {
    const runner = new ModelRunner(core, forward.withCache(), { ...limits, cells: undefined }, clock)
    try {
      await runner.memory.makeRoom(capacity)
      const caches: SequenceCache[] = []
      for (const sequences of lanesUpTo(limits.maxLanes)) {
        await openAs(runner, caches, sequences)
        for (const rows of widths.filter((width) => width >= sequences))
          for (const counts of [evenly(rows, sequences), mostlyLast(rows, sequences)])
            if (!(await areEqual(runner, caches, counts, alone)))
              unequal.push({ rows, slots: runner.forward.cache.capacity, sequences })
      }
    } finally {
      await runner.dispose()
    }
  }
  return unequal
}

/** 2, 4, 8, ..., and the most. */
function lanesUpTo(most: number): number[] {
  const all = Array.from({ length: Math.log2(lanesFor(most)) }, (_, i) => Math.min(most, 2 ** (i + 1)))
  return [...new Set(all)]
}

async function aloneOf(target: ModelRunner): Promise<Buffer> {
  const cache = target.memory.open()
  try {
    await extend(target, cache, textOf(target, 0), false)
    await extend(target, cache, [TOKEN % target.vocab], true)
    return logitsOf(target, 0)
  } finally {
    cache.release()
  }
}

/** Opens more sequences; the last that is wanted gets the text of the first, those between get texts of their own. */
async function openAs(runner: ModelRunner, caches: SequenceCache[], sequences: number): Promise<void> {
  caches.pop()?.release()
  while (caches.length < sequences) caches.push(runner.memory.open())
  const works = caches
    .map((cache, i) => ({ cache, text: textOf(runner, i === sequences - 1 ? 0 : i) }))
    .filter(({ cache }) => cache.length === 0)
  await runTogether(works.map(({ cache, text }) => appending(runner, cache, text, false)))
}

/** Whether the first and the last sequence's last rows are the row alone. */
async function areEqual(
  runner: ModelRunner,
  caches: readonly SequenceCache[],
  counts: readonly number[],
  alone: Buffer,
): Promise<boolean> {
  const parts = caches.map((cache, i) => partOf(runner, cache, counts[i]))
  try {
    const places = await runner.runParts(parts, 0)
    return [0, caches.length - 1].every(
      (i) => Buffer.compare(alone, logitsOf(runner, places[i].logitRow + parts[i].tokens.length - 1)) === 0,
    )
  } finally {
    for (const { cache, slots } of parts) cache.free(slots)
  }
}

/** Rows that may follow the text, the last of them the token that is compared; as many as there are slots for. */
function partOf(runner: ModelRunner, cache: SequenceCache, wanted: number): PassPart {
  const rows = Math.min(wanted, runner.limits.maxSlots - cache.length)
  return {
    runner,
    cache,
    tokens: Int32Array.from({ length: rows }, (_, i) => (TOKEN + STEP * (rows - 1 - i)) % runner.vocab),
    positions: new Int32Array(rows).fill(cache.length),
    parents: new Int32Array(rows).fill(-1),
    slots: cache.allocate(rows),
    wanted: Int32Array.from({ length: rows }, (_, i) => i),
  }
}

const evenly = (rows: number, among: number): number[] => Array.from({ length: among }, () => Math.floor(rows / among))

const mostlyLast = (rows: number, among: number): number[] =>
  Array.from({ length: among }, (_, i) => (i < among - 1 ? 1 : rows - (among - 1)))

function textOf(runner: ModelRunner, sequence: number): number[] {
  return TEXT.map((token) => (token + STEP * sequence) % runner.vocab)
}
