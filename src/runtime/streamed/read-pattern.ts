/**
 * How the disk at hand is read fastest: in reads of which size, and how many of them under way. Disks differ, and so do
 * hypervisors before them.
 */
import { DIRECT_ALIGNMENT, type StreamedLayout } from './layout.js'
import type { WatchedFile } from './watched-file.js'

export interface ReadPattern {
  /** Of one read, a multiple of the alignment. */
  bytes: number
  atOnce: number
}

const MB = 2 ** 20
/**
 * Parts that a layer is read in, most bytes of each, and reads at once: each takes one of Node's four threads, and one
 * computes. Reads of more than 16 MB are no faster anywhere, and take longer to stop; some disks read large layers
 * faster by far smaller ones.
 */
const CANDIDATES = [
  [1, 16 * MB, 1],
  [1, 16 * MB, 2],
  [2, 16 * MB, 2],
  [3, 16 * MB, 3],
  [1, 4 * MB, 1],
  [1, MB, 3],
]
/** Read by one trial. */
const TRIAL_BYTES = 24 * 2 ** 20
/** No round of trials begins after so many milliseconds. */
const ENOUGH_MS = 400

/** Patterns for layers of this size that are read into `buffers` layers' memory. */
export function patternsFor(layerBytes: number, buffers: number): ReadPattern[] {
  const patterns: ReadPattern[] = []
  for (const [parts, most, atOnce] of CANDIDATES) {
    const bytes = Math.min(most, Math.ceil(layerBytes / parts / DIRECT_ALIGNMENT) * DIRECT_ALIGNMENT)
    const isNew = !patterns.some((other) => other.bytes === bytes && other.atOnce === atOnce)
    if (isNew && atOnce <= buffers * Math.ceil(layerBytes / bytes)) patterns.push({ bytes, atOnce })
  }
  return patterns
}

/**
 * Times each pattern on the weights themselves, in turns, and returns the one that was fastest at its best; `memory`:
 * buffers of a layer's bytes each.
 */
export async function fastestPattern(
  file: WatchedFile,
  layout: StreamedLayout,
  memory: readonly Uint8Array[],
): Promise<ReadPattern> {
  const patterns = patternsFor(layout.layerBytes, memory.length)
  const best = patterns.map(() => Infinity)
  const started = performance.now()
  const pieces = piecesFrom(layout)
  for (let round = 0; round === 0 || performance.now() - started < ENOUGH_MS; round++) {
    for (const [i, pattern] of patterns.entries())
      best[i] = Math.min(best[i], await msPerByte(file, pieces, memory, pattern))
  }
  return patterns[best.indexOf(Math.min(...best))]
}

type Piece = { offset: number; bytes: number }

/**
 * The next read of at most so many bytes within a layer, round and round, so that no trial reads what one before it
 * did.
 */
function piecesFrom({ layers, layerBytes }: StreamedLayout): (most: number) => Piece {
  let layer = 0
  let from = 0
  return (most) => {
    const bytes = Math.min(most, layerBytes - from)
    const offset = layers[layer].offset + from
    from += bytes
    if (from === layerBytes) {
      from = 0
      layer = (layer + 1) % layers.length
    }
    return { offset, bytes }
  }
}

async function msPerByte(
  file: WatchedFile,
  next: (most: number) => Piece,
  memory: readonly Uint8Array[],
  { bytes, atOnce }: ReadPattern,
): Promise<number> {
  let begun = 0
  const reader = async (_: unknown, reader: number): Promise<void> => {
    const from = Math.floor(reader / memory.length) * bytes
    const into = memory[reader % memory.length].subarray(from, from + bytes)
    while (begun < TRIAL_BYTES) {
      const piece = next(into.length)
      begun += piece.bytes
      await file.read(into.subarray(0, piece.bytes), piece.offset)
    }
  }
  const started = performance.now()
  await Promise.all(Array.from({ length: atOnce }, reader))
  return (performance.now() - started) / begun
}
