/**
 * Data builders for the core's tests: a shared core, seeded numbers, logits in wasm memory, sampling settings, trees.
 */
import { Core } from '../../../src/core/index.js'
import type { NoiseKey, Sampling, TokenTree } from '../../../src/core/types.js'

export const core = Core.load()

export function sampling(temperature: number, cut: Partial<Sampling> = {}): Sampling {
  return { temperature, topK: 0, topP: 1, minP: 0, ...cut }
}

export function key(seed: number | bigint, choice = 0): NoiseKey {
  return { seed: BigInt(seed), choice }
}

/** Seeded uniform numbers in [0, 1) (mulberry32): independent of the core's own generator. */
export function uniforms(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Roughly normal logits. */
export function randomLogits(length: number, seed: number, spread = 2): Float32Array {
  const uniform = uniforms(seed)
  return Float32Array.from({ length }, () => (uniform() + uniform() + uniform() + uniform() - 2) * 1.7 * spread)
}

/** Puts logits into wasm memory for as long as the process lives; returns their address. */
export function place(logits: ArrayLike<number>): number {
  const at = core.alloc(logits.length * 4)
  core.f32(at, logits.length).set(logits)
  return at
}

/** A tree from its parents and tokens. */
export function tree(parents: readonly number[], tokens: readonly number[]): TokenTree {
  const depths: number[] = []
  parents.forEach((parent, node) => (depths[node] = parent < 0 ? 0 : depths[parent] + 1))
  return { parents: Int32Array.from(parents), tokens: Int32Array.from(tokens), depths: Int32Array.from(depths) }
}
