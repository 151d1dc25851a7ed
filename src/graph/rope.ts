/** Rotary position embedding: its tables, as transformers computes them in float32, and turning q and k by them. */
import type { GraphBuilder } from '../onnx/graph-builder.js'
import { ropeKey, type RopeScaling, type RopeSpec } from '../spec/model-spec.js'
import type { Pass } from './pass.js'

/** cos and sin of position * frequency[i], times the scaling's magnitude: [positions, dims / 2] each. */
export function rotaryTables(rope: RopeSpec, positions: number): { cos: Float32Array; sin: Float32Array } {
  const half = rope.dims / 2
  const magnitude = rope.scaling !== null && 'magnitude' in rope.scaling ? rope.scaling.magnitude : 1
  const cos = new Float32Array(positions * half)
  const sin = new Float32Array(positions * half)
  frequencies(rope).forEach((frequency, i) => {
    for (let position = 0; position < positions; position++) {
      const angle = Math.fround(position * frequency)
      cos[position * half + i] = Math.cos(angle) * magnitude
      sin[position * half + i] = Math.sin(angle) * magnitude
    }
  })
  return { cos, sin }
}

/** theta^(-2i / dims), stretched as the scaling says: float32 [dims / 2]. */
export function frequencies({ theta, dims, scaling }: RopeSpec): Float32Array {
  const plain = Float32Array.from({ length: dims / 2 }, (_, i) => 1 / Math.fround(theta ** ((2 * i) / dims)))
  return scaling === null ? plain : plain.map((frequency, i) => frequency * stretch(scaling, frequency, i, theta, dims))
}

/** What frequency i is multiplied by. */
function stretch(scaling: RopeScaling, frequency: number, i: number, theta: number, dims: number): number {
  switch (scaling.kind) {
    case 'linear':
      return 1 / scaling.factor
    case 'factors':
      return 1 / scaling.factors[i]
    case 'llama3': {
      const { factor, lowFreqFactor, highFreqFactor, originalPositions } = scaling
      const waves = (originalPositions * frequency) / (2 * Math.PI)
      const kept = clamp((waves - lowFreqFactor) / (highFreqFactor - lowFreqFactor))
      return (1 - kept) / factor + kept
    }
    case 'yarn': {
      const { factor, originalPositions, betaFast, betaSlow } = scaling
      // The place i whose frequency turns so often within the original context.
      const place = (turns: number): number =>
        (dims * Math.log(originalPositions / (turns * 2 * Math.PI))) / (2 * Math.log(theta))
      const low = Math.max(Math.floor(place(betaFast)), 0)
      const high = Math.min(Math.ceil(place(betaSlow)), dims - 1)
      const stretched = clamp((i - low) / Math.max(high - low, 0.001))
      return stretched / factor + (1 - stretched)
    }
  }
}

const clamp = (x: number): number => Math.min(1, Math.max(0, x))

/** `heads` heads side by side, [1, N, heads * d], turned by their rows' positions. */
export function turned(
  g: GraphBuilder,
  x: string,
  rope: RopeSpec,
  { heads, headDim }: { heads: number; headDim: number },
  pass: Pass,
): string {
  const { cos, sin } = pass.rotary.get(ropeKey(rope))!
  // The operator asks for the number of heads only where it turns a part of each.
  const partial: Record<string, number> =
    rope.dims === headDim ? {} : { rotary_embedding_dim: rope.dims, num_heads: heads }
  return g.op('RotaryEmbedding', [x, pass.positions, cos, sin], { interleaved: 0, ...partial })
}
