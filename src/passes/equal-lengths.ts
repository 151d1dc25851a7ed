/**
 * The check of `equal-bits.ts` at the lengths that a device is shown: its kernels may part a sum by how many slots
 * there are, so a row is compared with itself in company at each of them.
 */
import { extend } from './appending.js'
import { logitsOf, type PassKind } from './equal-bits.js'
import { ModelRunner } from './model-runner.js'
import type { SequenceCache } from './sequence-cache.js'

/** Up to so many slots every length is checked, beyond it those that double, and the last. */
const DENSE = 4096
/** Tokens beyond the length before, so that the row alone is shown the length that is checked. */
const BEYOND = 4

/** Lengths in slots, multiples of `step`, that texts of `longest` tokens are shown. */
export function lengthsUpTo(longest: number, step: number): number[] {
  const last = Math.ceil(longest / step) * step
  const lengths: number[] = []
  for (let length = step; length < last; length = length < DENSE ? length + step : 2 * length) lengths.push(length)
  return [...lengths, last]
}

/**
 * Kinds of passes of one sequence in which a row has other bits than alone: as the last of as many rows as each of
 * `widths`, near the beginning of each of `lengths`. Wider passes reach into lengths beyond. The cache is its own.
 */
export async function unequalAtLengths(
  target: ModelRunner,
  { widths, lengths, step }: { widths: readonly number[]; lengths: readonly number[]; step: number },
): Promise<PassKind[]> {
  const { core, forward, limits, clock } = target
  const runner = new ModelRunner(core, forward.withCache(), { ...limits, maxLanes: 1, cells: undefined }, clock)
  const unequal: PassKind[] = []
  try {
    const cache = runner.memory.open()
    for (const length of lengths) {
      const text = Math.min(length - step + BEYOND, limits.maxSlots - 2)
      const tokens = Array.from({ length: text - cache.length }, (_, i) => tokenAt(runner, cache.length + i))
      await extend(runner, cache, tokens, false)
      const alone = await lastOf(runner, cache, 2)
      for (const width of widths)
        if (Buffer.compare(alone, await lastOf(runner, cache, width)) !== 0)
          unequal.push({ rows: width, slots: length, sequences: 1 })
    }
    return unequal
  } finally {
    await runner.dispose()
  }
}

/** Logits of the last row of a pass of so many, all wanted: a root, and children of it. The rows are not kept. */
async function lastOf(runner: ModelRunner, cache: SequenceCache, width: number): Promise<Buffer> {
  const { maxSlots, maxRows, maxLogitRows } = runner.limits
  const rows = Math.max(2, Math.min(width, maxRows, maxLogitRows, maxSlots - cache.length))
  const slots = cache.allocate(rows)
  try {
    const at = (row: number): number => (row === 0 ? 0 : row === rows - 1 ? 1 : row + 1)
    await runner.runParts(
      [
        {
          runner,
          cache,
          tokens: Int32Array.from({ length: rows }, (_, row) => tokenAt(runner, cache.length + at(row))),
          positions: Int32Array.from({ length: rows }, (_, row) => cache.length + Math.min(row, 1)),
          parents: Int32Array.from({ length: rows }, (_, row) => Math.min(row, 1) - 1),
          slots,
          wanted: Int32Array.from({ length: rows }, (_, row) => row),
        },
      ],
      0,
    )
    return logitsOf(runner, rows - 1)
  } finally {
    cache.free(slots)
  }
}

/** Arbitrary: what a text says does not matter. */
const tokenAt = (runner: ModelRunner, place: number): number => (place * 37 + 5) % runner.vocab
