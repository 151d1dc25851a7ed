/** Where rows lie in blocks `[lanes, slots, row]` of a device, and which copies move them. */
import type { Block, Copy } from '../device/memory.js'
import { ELEMENT_BYTES, type ElementType } from './store.js'

/** One layer's K or V. */
export interface Part {
  block: Block
  type: ElementType
  row: number
}

export function rowBytes({ type, row }: Pick<Part, 'type' | 'row'>): number {
  return row * ELEMENT_BYTES[type]
}

/** Places of slots that follow each other, in every one of the lists: one copy a run. */
export function runsOf(...lists: readonly Int32Array[]): { at: number; count: number }[] {
  const runs: { at: number; count: number }[] = []
  for (let i = 0; i < lists[0].length; i++) {
    if (i > 0 && lists.every((slots) => slots[i] === slots[i - 1] + 1)) runs[runs.length - 1].count++
    else runs.push({ at: i, count: 1 })
  }
  return runs
}

export interface LaneCopies {
  part: Part
  /** Where its rows go. */
  to: Block
  /** Slots of a lane. */
  before: number
  after: number
}

/** Lane i of `to` gets what lane `lanesFrom[i]` of the part holds (-1: nothing). */
export function laneCopies(lanesFrom: readonly number[], { part, to, before, after }: LaneCopies): Copy[] {
  const bytes = rowBytes(part)
  return lanesFrom.flatMap((from, lane) =>
    from < 0
      ? []
      : [
          {
            from: { address: part.block.address + BigInt(from * before * bytes) },
            to: { address: to.address + BigInt(lane * after * bytes) },
            bytes: Math.min(before, after) * bytes,
          },
        ],
  )
}
