/** Builders of passes for runtime tests: a context in scattered slots, decoded in any grouping of its rows. */
import type { ForwardInput } from '../../src/runtime/forward.js'

/** A sequence: token, slot and parent row of every node; a row sees itself and its ancestors. */
export interface Rows {
  tokens: number[]
  slots: number[]
  /** Row of the parent, -1 for the first. */
  parents: number[]
  lane: number
}

/** A chain of tokens in slots `first`, `first + 1`, ... */
export function chain(tokens: number[], lane = 0, first = 0): Rows {
  return { tokens, slots: tokens.map((_, i) => first + i), parents: tokens.map((_, i) => i - 1), lane }
}

/**
 * One pass over rows `from` .. `to` of each sequence, ancestors before `from` being in the cache already; logits for
 * all.
 */
export function pass(
  sequences: readonly Rows[],
  from = 0,
  to = Math.max(...sequences.map(({ tokens }) => tokens.length)),
): ForwardInput {
  const rows = sequences.flatMap((rows) => rows.tokens.map((_, row) => ({ rows, row })).slice(from, to))
  const liveSlots = 1 + Math.max(...sequences.flatMap(({ slots }) => slots.slice(0, to)))
  const mask = new Uint8Array(rows.length * liveSlots)
  rows.forEach(({ rows: sequence, row }, i) => {
    for (const ancestor of path(sequence, row)) mask[i * liveSlots + sequence.slots[ancestor]] = 1
  })
  return {
    tokens: Int32Array.from(rows, ({ rows: sequence, row }) => sequence.tokens[row]),
    positions: Int32Array.from(rows, ({ rows: sequence, row }) => path(sequence, row).length - 1),
    slots: Int32Array.from(rows, ({ rows: sequence, row }) => sequence.slots[row]),
    lanes: Int32Array.from(rows, ({ rows: sequence }) => sequence.lane),
    liveSlots,
    mask,
    logitRows: Int32Array.from(rows, (_, i) => i),
  }
}

function path({ parents }: Rows, row: number): number[] {
  const rows: number[] = []
  for (let at = row; at >= 0; at = parents[at]) rows.push(at)
  return rows
}
