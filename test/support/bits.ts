/**
 * Decodes one text through a `Forward` in many arrangements (chunks, trees with wrong siblings, permuted slots, lanes)
 * and returns the logits of its tokens: in an exact graph they are the same bits whatever the arrangement.
 */
import type { Forward } from '../../src/runtime/forward.js'
import { poison } from './poison.js'
import { seeded } from './random-llama.js'

export interface Arrangement {
  /** Tokens of the text per pass, drawn anew for each pass. */
  chunk?: (random: () => number) => number
  /** Wrong siblings in front of each token; their slots are poisoned after the pass. */
  siblings?: number
  /** Context slots in random order. */
  permute?: boolean
  /** Least number of live slots. */
  liveSlots?: number
  lane?: number
  /** First token whose logits are wanted. */
  from?: number
  seed?: number
  /** Leaves slots as they are that hold nothing, or nothing any more. */
  clean?: boolean
}

interface Row {
  token: number
  position: number
  slot: number
  sees: number[]
  wanted: boolean
}

/** Logits of the text's tokens from `from` on, [n - from, vocab]. Poisons the whole lane first. */
export async function decodeArranged(
  forward: Forward,
  tokens: ArrayLike<number>,
  arrangement: Arrangement = {},
): Promise<Float32Array> {
  const spoil = arrangement.clean ? async () => undefined : poison
  const { chunk = () => 1, siblings = 0, permute = false, liveSlots = 1, lane = 0, from = 0, seed = 1 } = arrangement
  const random = seeded(seed)
  const { vocab } = forward.info
  const free = Array.from({ length: forward.cache.capacity }, (_, slot) => slot)
  if (permute) shuffle(free, random)
  await spoil(forward.cache, lane, free)
  const logits = new Float32Array((tokens.length - from) * vocab)
  const context: number[] = []
  const positionIn = new Int32Array(forward.cache.capacity)
  for (let done = 0; done < tokens.length;) {
    const rows: Row[] = []
    const count = Math.min(chunk(random), tokens.length - done)
    for (let i = 0; i < count; i++) {
      const take = (): number => free.shift() ?? fail()
      for (let s = 0; s < siblings; s++) {
        const slot = take()
        rows.push({
          token: Math.floor(random() * vocab),
          position: done + i,
          slot,
          sees: [...context, slot],
          wanted: false,
        })
      }
      const slot = take()
      context.push(slot)
      rows.push({ token: tokens[done + i], position: done + i, slot, sees: [...context], wanted: done + i >= from })
    }
    const place = (token: number): number => Math.max(0, token - from) * vocab
    for (const { slot, position } of rows) positionIn[slot] = position
    await runRows(forward, rows, positionIn, lane, liveSlots, logits.subarray(place(done), place(done + count)))
    const wrong = rows.filter((row) => !context.includes(row.slot)).map((row) => row.slot)
    await spoil(forward.cache, lane, wrong)
    free.push(...wrong)
    done += count
  }
  return logits
}

async function runRows(
  forward: Forward,
  rows: Row[],
  positionIn: Int32Array,
  lane: number,
  atLeast: number,
  logits: Float32Array,
): Promise<void> {
  const liveSlots = rows.reduce((most, row) => row.sees.reduce((m, slot) => Math.max(m, slot + 1), most), atLeast)
  const mask = new Uint8Array(rows.length * liveSlots)
  rows.forEach((row, i) => row.sees.forEach((slot) => (mask[i * liveSlots + slot] = 1)))
  const slotPositions = new Int32Array(forward.cache.lanes * liveSlots)
  slotPositions.set(positionIn.subarray(0, liveSlots), lane * liveSlots)
  const input = {
    slotPositions,
    tokens: Int32Array.from(rows, (row) => row.token),
    positions: Int32Array.from(rows, (row) => row.position),
    slots: Int32Array.from(rows, (row) => row.slot),
    lanes: new Int32Array(rows.length).fill(lane),
    liveSlots,
    mask,
    logitRows: Int32Array.from(rows.flatMap((row, i) => (row.wanted ? [i] : []))),
  }
  await forward.run(input, { logits })
}

/** Rows whose bits differ between two sets of logits. */
export function differingRows(a: Float32Array, b: Float32Array, vocab: number): number[] {
  const [x, y] = [new Uint32Array(a.buffer, a.byteOffset, a.length), new Uint32Array(b.buffer, b.byteOffset, b.length)]
  const rows = Array.from({ length: a.length / vocab }, (_, row) => row)
  return rows.filter((row) => x.subarray(row * vocab, (row + 1) * vocab).some((word, i) => word !== y[row * vocab + i]))
}

function shuffle(items: number[], random: () => number): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[items[i], items[j]] = [items[j], items[i]]
  }
}

function fail(): never {
  throw new Error('the cache has too few slots for this arrangement')
}
