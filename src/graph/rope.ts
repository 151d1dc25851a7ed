/** Tables of the rotary position embedding, as transformers computes them: float32 frequencies, float32 angles. */
import type { RopeSpec } from '../spec/model-spec.js'

/** cos and sin of position * theta^(-2i/dims), [positions, dims / 2] each. */
export function rotaryTables({ theta, dims }: RopeSpec, positions: number): { cos: Float32Array; sin: Float32Array } {
  const half = dims / 2
  const cos = new Float32Array(positions * half)
  const sin = new Float32Array(positions * half)
  for (let i = 0; i < half; i++) {
    const frequency = Math.fround(1 / Math.fround(theta ** ((2 * i) / dims)))
    for (let position = 0; position < positions; position++) {
      const angle = Math.fround(position * frequency)
      cos[position * half + i] = Math.cos(angle)
      sin[position * half + i] = Math.sin(angle)
    }
  }
  return { cos, sin }
}
