/**
 * Start-up check of passes that a device replays: what was recorded must compute with what each pass brings, whatever
 * ran since. Two texts take turns, each with a chunk of a prompt that is run afresh, a pass of every width over it, and
 * one of a single row over what that left; logits are held to those of the same turns without replays.
 */
import { crc32 } from 'node:zlib'
import { extend } from './appending.js'
import type { ModelRunner } from './model-runner.js'
import type { SequenceCache } from './sequence-cache.js'

/** Rows of a chunk of a prompt. */
const PROMPT_ROWS = 20
/** Which text comes when: the third turn replays what was recorded for the first, after the second. */
const TURNS = [0, 1, 0]

/** The rows of passes whose logits change where they are replayed; empty where none do. The model must have replays. */
export async function unequalReplays(runner: ModelRunner, widths: readonly number[]): Promise<number[]> {
  const replays = runner.forward.replays!
  const wide = widths.filter((width) => width <= runner.limits.maxLogitRows)
  const expected: number[][] = []
  replays.isOn = false
  for (const text of new Set(TURNS)) expected[text] = await turn(runner, wide, text)
  replays.isOn = true
  const unequal = new Set<number>()
  for (const text of TURNS) {
    const found = await turn(runner, wide, text)
    wide.forEach((width, i) => found[i] !== expected[text][i] && unequal.add(width))
  }
  return [...unequal]
}

/** [widths] checksums of the logits. */
async function turn(runner: ModelRunner, widths: readonly number[], text: number): Promise<number[]> {
  const sums: number[] = []
  for (const width of widths) {
    const cache = runner.memory.open()
    try {
      const prompt = Math.min(PROMPT_ROWS, runner.limits.maxSlots - 2)
      await append(runner, cache, prompt, text)
      const sum = await siblings(runner, cache, width, text)
      sums.push(await siblings(runner, cache, 1, text, sum))
    } finally {
      cache.release()
    }
  }
  return sums
}

async function append(runner: ModelRunner, cache: SequenceCache, count: number, text: number): Promise<void> {
  const tokens = Array.from({ length: count }, (_, i) => tokenAt(runner, i, text))
  if (runner.forward.info.features.read === 0) return extend(runner, cache, tokens, false)
  const slots = cache.allocate(count)
  const chain = Int32Array.from(tokens, (_, i) => i - 1)
  await pass(runner, cache, { slots, parents: chain, depth: (i) => i, text, wanted: new Int32Array(0) })
  cache.keep(slots)
}

/** Checksum, going on from `sum`, of the logits of so many rows over the text; the first of them is kept. */
async function siblings(
  runner: ModelRunner,
  cache: SequenceCache,
  width: number,
  text: number,
  sum = 0,
): Promise<number> {
  const rows = Math.min(width, runner.limits.maxSlots - cache.length - 1)
  const slots = cache.allocate(rows)
  const parents = new Int32Array(rows).fill(-1)
  const wanted = Int32Array.from(slots, (_, i) => i)
  await pass(runner, cache, { slots, parents, depth: () => 0, text, wanted })
  cache.keep(slots.subarray(0, 1))
  cache.free(slots.subarray(1))
  return crc32(runner.core.u8(runner.logitsAt(0), rows * runner.vocab * 4), sum)
}

interface NewRows {
  slots: Int32Array
  parents: Int32Array
  depth(row: number): number
  text: number
  wanted: Int32Array
}

async function pass(
  runner: ModelRunner,
  cache: SequenceCache,
  { slots, parents, depth, text, wanted }: NewRows,
): Promise<void> {
  const { read } = runner.forward.info.features
  const features =
    read > 0 ? Float32Array.from({ length: slots.length * read }, (_, i) => ((i + text) % 7) / 8) : undefined
  const tokens = Int32Array.from(slots, (_, row) => tokenAt(runner, cache.length + row, text))
  const positions = Int32Array.from(slots, (_, row) => cache.length + depth(row))
  await runner.runParts([{ runner, cache, tokens, positions, parents, slots, wanted, features }], 0)
}

/** Arbitrary, but for that texts differ everywhere. */
const tokenAt = (runner: ModelRunner, place: number, text: number): number => (place * 31 + 5 + 2 * text) % runner.vocab
