/** Chunks: tokens appended to a sequence as a chain, `maxRows` a pass. */
import type { ModelRunner } from './model-runner.js'
import type { Passes } from './pass-part.js'
import { runTogether } from './run-together.js'
import type { SequenceCache } from './sequence-cache.js'

const NO_ROWS = new Int32Array(0)

/** What goes in and out of a sequence's new rows beside tokens and logits. */
export interface RowFeatures {
  /** Features [count, features.read] of the `count` tokens from place `from` of those given. */
  read?(from: number, count: number): Float32Array
  /** Gets what the rows leave, [count, features.written], chunk by chunk; valid until the next pass. */
  wrote?(features: Float32Array): void
}

/** Comes to the row of the last token's logits where they are wanted, else to -1. */
export function* appending(
  runner: ModelRunner,
  cache: SequenceCache,
  tokens: readonly number[],
  wantsLast: boolean,
  features: RowFeatures = {},
): Passes<number> {
  let lastRow = -1
  const { maxRows } = runner.limits
  for (let from = 0; from < tokens.length; from += maxRows) {
    const chunk = Int32Array.from(tokens.slice(from, from + maxRows))
    const count = chunk.length
    const wanted = wantsLast && from + count === tokens.length ? Int32Array.of(count - 1) : NO_ROWS
    const slots = cache.allocate(count)
    let hasRun = false
    try {
      const positions = chunk.map((_, i) => cache.length + i)
      const parents = chunk.map((_, i) => i - 1)
      const read = features.read?.(from, count)
      const place = yield { runner, cache, tokens: chunk, positions, parents, slots, wanted, features: read }
      features.wrote?.(runner.hiddenAt(place.row, count))
      if (wanted.length > 0) lastRow = place.logitRow
      hasRun = true
    } finally {
      if (hasRun) cache.keep(slots)
      else cache.free(slots)
    }
  }
  return lastRow
}

/** Appends tokens by itself; with `wantsLast` the last token's logits land in row 0. */
export async function extend(
  runner: ModelRunner,
  cache: SequenceCache,
  tokens: readonly number[],
  wantsLast: boolean,
): Promise<void> {
  await runTogether([appending(runner, cache, tokens, wantsLast)])
}
