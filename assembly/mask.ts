// Who sees whom: row i of a forest sees the visible context slots, its ancestors' slots and its own.
import { INVALID } from './status'
import { at } from './tree'

/** base u8 [slotCount], parents and slots i32 [m] (-1: no parent; parents come first), out u8 [m, slotCount]. */
export function writeMask(base: usize, slotCount: i32, parents: usize, slots: usize, m: i32, out: usize): i32 {
  for (let i = 0; i < m; i++) {
    const parent = at(parents, i)
    const slot = at(slots, i)
    if (parent < -1 || parent >= i || slot < 0 || slot >= slotCount) return INVALID
    const row = out + <usize>i * <usize>slotCount
    memory.copy(row, parent < 0 ? base : out + <usize>parent * <usize>slotCount, <usize>slotCount)
    store<u8>(row + <usize>slot, 1)
  }
  return 0
}
