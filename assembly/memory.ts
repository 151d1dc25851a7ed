// The arena: 16-byte aligned blocks over linear memory, an address-ordered free list, neighbours merged on free.
// A block is a 16-byte header (payload bytes, tag, next free block) followed by its payload.
import { BAD_POINTER, INVALID } from './status'

const HEADER: usize = 16
const USED: u32 = 0x53455155
const FREE: u32 = 0x46524545
/** Smallest leftover worth splitting off a block. */
const SPLIT: usize = 64

const base: usize = (__heap_base + 15) & ~15
/** End of the last block. */
let top: usize = base
/** First free block (its header), 0 for none. */
let firstFree: usize = 0

// prettier-ignore
@inline function sizeOf(block: usize): usize { return load<u32>(block) }
// prettier-ignore
@inline function nextOf(block: usize): usize { return load<u32>(block, 8) }

/** Payload address of a new block of at least `bytes`, 0 when memory cannot grow. */
export function allocate(bytes: u32): usize {
  if (bytes > 0xffff_0000) return 0
  const size: usize = max<usize>(16, (<usize>bytes + 15) & ~15)
  let previous: usize = 0
  for (let block = firstFree; block != 0; previous = block, block = nextOf(block)) {
    if (sizeOf(block) < size) continue
    let next = nextOf(block)
    if (sizeOf(block) >= size + HEADER + SPLIT) {
      const rest = block + HEADER + size
      writeHeader(rest, sizeOf(block) - size - HEADER, FREE, next)
      store<u32>(block, <u32>size)
      next = rest
    }
    link(previous, next)
    store<u32>(block, USED, 4)
    return block + HEADER
  }
  const end = <u64>top + HEADER + size
  if (end > <u64>0xffff_fff0) return 0
  const pages = <i32>((end + 0xffff) >> 16)
  if (pages > memory.size() && memory.grow(pages - memory.size()) < 0) return 0
  const block = top
  writeHeader(block, size, USED, 0)
  top = <usize>end
  return block + HEADER
}

/** Gives a block back. BAD_POINTER for anything that `allocate` did not return or that was freed before. */
export function release(pointer: usize): i32 {
  if (pointer < base + HEADER || pointer >= top || (pointer & 15) != 0) return BAD_POINTER
  let block = base
  while (block < pointer - HEADER) block += HEADER + sizeOf(block)
  if (block != pointer - HEADER || load<u32>(block, 4) != USED) return BAD_POINTER
  let previous: usize = 0
  let next = firstFree
  while (next != 0 && next < block) {
    previous = next
    next = nextOf(next)
  }
  writeHeader(block, sizeOf(block), FREE, next)
  link(previous, block)
  merge(block)
  if (previous != 0) merge(previous)
  return 0
}

/**
 * 0 when `count` items of `itemBytes` (a power of two, also the alignment) at `pointer` lie inside one block in use. So
 * nothing a host passes can make the core write over its own data or over the arena's headers.
 */
export function check(pointer: usize, count: i32, itemBytes: u32): i32 {
  if (count < 0) return INVALID
  if (count == 0) return 0
  if ((pointer & (itemBytes - 1)) != 0) return BAD_POINTER
  let block = base
  while (block < top && pointer >= block + HEADER + sizeOf(block)) block += HEADER + sizeOf(block)
  if (block >= top || pointer < block + HEADER || load<u32>(block, 4) != USED) return BAD_POINTER
  return <u64>pointer + <u64>count * itemBytes <= <u64>(block + HEADER + sizeOf(block)) ? 0 : BAD_POINTER
}

/** The same for a [rows, columns] array. */
export function checkRows(pointer: usize, rows: i32, columns: i32, itemBytes: u32): i32 {
  const items = <i64>rows * columns
  if (rows < 0 || columns < 0 || items > i32.MAX_VALUE) return INVALID
  return check(pointer, <i32>items, itemBytes)
}

function writeHeader(block: usize, size: usize, tag: u32, next: usize): void {
  store<u32>(block, <u32>size)
  store<u32>(block, tag, 4)
  store<u32>(block, <u32>next, 8)
}

function link(previous: usize, block: usize): void {
  if (previous == 0) firstFree = block
  else store<u32>(previous, <u32>block, 8)
}

/** Joins a free block with the one behind it if that is free too. */
function merge(block: usize): void {
  const next = nextOf(block)
  if (next == 0 || block + HEADER + sizeOf(block) != next) return
  writeHeader(block, sizeOf(block) + HEADER + sizeOf(next), FREE, nextOf(next))
  store<u32>(next, 0, 4)
}
