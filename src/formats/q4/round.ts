/** Rounding float values to blocks: to 4 bits with a search for the step that loses least, to 8 bits by the largest. */
import { float16ToFloat32, nearestHalf } from '../../common/half.js'
import { BLOCK } from './grid.js'

/** Steps tried around the one that puts the largest value on the lowest level: (8 + i / 10) of them to it. */
const [LOWEST, TRIES] = [-8, 9]
const LEVELS_8 = 127
/** What a step may lose as a half, as a part of itself: a normal half's last place. */
const HALF_SLACK = 2 ** -11

/** The nearest half of a step; the step itself where halves are too coarse for it or end before it. */
export function halfStep(step: number): number {
  const half = float16ToFloat32(nearestHalf(step))
  return Math.abs(half - step) <= HALF_SLACK * Math.abs(step) ? half : step
}

/** Steps as halves where each of them is one; null where one is not. */
export function asHalves(steps: Float32Array): Uint16Array | null {
  const halves = Uint16Array.from(steps, nearestHalf)
  return halves.every((half, i) => float16ToFloat32(half) === steps[i]) ? halves : null
}

/** Rounds `values[at ... at + count]` (a row's last block may be short) to levels 0..15 around 8; returns the step. */
export function roundTo4(values: Float32Array, at: number, count: number, levels: Uint8Array): number {
  levels.fill(-LOWEST)
  let largest = 0
  for (let i = at; i < at + count; i++) if (Math.abs(values[i]) > Math.abs(largest)) largest = values[i]
  if (largest === 0) return 0
  let best = { inverse: LOWEST / largest, gain: -1, step: largest / LOWEST }
  for (let i = -TRIES; i <= TRIES; i++) {
    const inverse = (LOWEST + i / 10) / largest
    // Least squares: step = sum(w q) / sum(q q), and the squares that it saves are sum(w q)^2 / sum(q q).
    let [both, own] = [0, 0]
    for (let at4 = at; at4 < at + count; at4++) {
      const level = levelOf(values[at4] * inverse)
      both += values[at4] * level
      own += level * level
    }
    if (own > 0 && both * both > best.gain * own) best = { inverse, gain: (both * both) / own, step: both / own }
  }
  for (let i = 0; i < count; i++) levels[i] = levelOf(values[at + i] * best.inverse) - LOWEST
  return halfStep(best.step)
}

function levelOf(value: number): number {
  return Math.max(LOWEST, Math.min(-LOWEST - 1, Math.round(value)))
}

/** Rounds to bytes around 128, 127 steps either way; returns the step. */
export function roundTo8(values: Float32Array, at: number, count: number, bytes: Uint8Array): number {
  bytes.fill(128)
  let largest = 0
  for (let i = at; i < at + count; i++) largest = Math.max(largest, Math.abs(values[i]))
  if (largest === 0) return 0
  const step = halfStep(largest / LEVELS_8)
  for (let i = 0; i < count; i++) bytes[i] = 128 + Math.round(values[at + i] / step)
  return step
}

/** Two levels a byte, the first in the low bits. */
export function pack4(levels: Uint8Array, into: Uint8Array, at: number): void {
  for (let i = 0; i < BLOCK / 2; i++) into[at + i] = levels[2 * i] | (levels[2 * i + 1] << 4)
}
