/**
 * Blocks of 32 values that lie on a grid: what a file's 4-bit kinds hold is d q + m with q in 0..15, and their values
 * tell d and m again. So a file's own weights are kept, whatever its kind is called and whichever rows stand together.
 */

/** Values of one block. */
export const BLOCK = 32
/** Levels of 4 bits, and the one that stands for zero. */
const LEVELS = 16
const ZERO = 8
/** How far from a level a value may lie, in levels: values are rounded once or twice to float32. */
const SLACK = 0.01
/** A shift below this, in levels, is none. */
const TINY_SHIFT = 1e-3
/** Levels beside zero of the widest kinds, and the values that share a step in the narrowest: Q6_K has blocks of 16. */
const WIDE = { levels: 255, block: 16 }
/** Blocks looked at to tell whether values come from a file of 5 to 8 bits, and how many of them must say so. */
const LOOKED_AT = 64
const AGREE = 0.95

/** values[i] = step * (levels[i] - 8) + shift. */
export interface GridBlock {
  step: number
  shift: number
}

/**
 * The grid of `values[at ... at + 32]`, whose levels go to `levels`; null where they lie on none of 16 levels. Of
 * several grids one without a shift is taken.
 */
export function gridOf(values: Float32Array, at: number, levels: Uint8Array): GridBlock | null {
  const [lowest, highest] = boundsOf(values, at, BLOCK)
  if (lowest === highest) {
    // One value: the highest level's, and nothing where it is zero.
    levels.fill(lowest === 0 ? ZERO : LEVELS - 1)
    return { step: lowest / (LEVELS - 1 - ZERO), shift: 0 }
  }
  let found: (GridBlock & { first: number }) | null = null
  for (let count = 1; count < LEVELS; count++) {
    const step = (highest - lowest) / count
    if (!liesOn(values, at, BLOCK, lowest, step)) continue
    const first = Math.min(LEVELS - 1 - count, Math.max(0, Math.round(lowest / step) + ZERO))
    const shift = lowest - (first - ZERO) * step
    const isPlain = Math.abs(shift) < TINY_SHIFT * step
    if (isPlain || found === null) found = { step, first, shift: isPlain ? 0 : shift }
    if (isPlain) break
  }
  if (found === null) return null
  for (let i = 0; i < BLOCK; i++) levels[i] = found.first + Math.round((values[at + i] - lowest) / found.step)
  return found
}

/** Whether values come from a kind of 5 to 8 bits: those of a float file lie on no grid. */
export function isWideGrid(values: Float32Array): boolean {
  const blocks = Math.floor(values.length / WIDE.block)
  const looked = Math.min(LOOKED_AT, blocks)
  let agreeing = 0
  for (let i = 0; i < looked; i++) {
    const at = Math.floor((i * blocks) / looked) * WIDE.block
    const [lowest, highest] = boundsOf(values, at, WIDE.block)
    for (let count = 1; count <= WIDE.levels; count++) {
      if (lowest < highest && !liesOn(values, at, WIDE.block, lowest, (highest - lowest) / count)) continue
      agreeing++
      break
    }
  }
  return looked > 0 && agreeing >= AGREE * looked
}

function boundsOf(values: Float32Array, at: number, count: number): [lowest: number, highest: number] {
  let [lowest, highest] = [values[at], values[at]]
  for (let i = at + 1; i < at + count; i++) {
    if (values[i] < lowest) lowest = values[i]
    if (values[i] > highest) highest = values[i]
  }
  return [lowest, highest]
}

function liesOn(values: Float32Array, at: number, count: number, lowest: number, step: number): boolean {
  for (let i = at; i < at + count; i++) {
    const level = (values[i] - lowest) / step
    if (Math.abs(level - Math.round(level)) > SLACK) return false
  }
  return true
}
