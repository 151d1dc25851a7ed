/**
 * A forward pass written straight from a `ModelSpec`, in float64, with no cache and no tricks: what graphs are compared
 * with.
 */
import type { Checkpoint } from '../../src/checkpoint/checkpoint.js'
import { frequencies } from '../../src/graph/rope.js'
import type { AttentionSpec, LayerSpec, Norm, NormPlace } from '../../src/spec/model-spec.js'

type Rows = Float64Array[]

const NORM_TENSORS: Record<NormPlace, string> = {
  attention: 'input_layernorm',
  afterAttention: 'after_attention_norm',
  mlp: 'post_attention_layernorm',
  afterMlp: 'after_mlp_norm',
}

/** Logits of every token of one text, [n][vocab]. */
export async function referenceLogits(checkpoint: Checkpoint, tokens: readonly number[]): Promise<Rows> {
  const { spec } = checkpoint
  const table = await checkpoint.read('model.embed_tokens.weight')
  const row = (token: number): Float64Array =>
    Float64Array.from(table.subarray(token * spec.hidden).slice(0, spec.hidden))
  let stream: Rows = tokens.map((token) => row(token).map((x) => x * spec.embedScale))
  for (const [i, layer] of spec.layers.entries())
    stream = await runLayer(checkpoint, `model.layers.${i}.`, layer, stream)
  const head = spec.tied ? table : await checkpoint.read('lm_head.weight')
  const normed = norm(stream, await checkpoint.read('model.norm.weight'), spec.finalNorm)
  return normed.map((x) => times(head, x).map((logit) => capped(logit * spec.logitScale, spec.logitCap)))
}

async function runLayer(checkpoint: Checkpoint, prefix: string, layer: LayerSpec, stream: Rows): Promise<Rows> {
  const { attention: spec, mlp, biases, residualScale } = layer
  const linear = async (name: string, role: LayerSpec['biases'][number], rows: Rows): Promise<Rows> => {
    const weights = await checkpoint.read(`${prefix}${name}.weight`)
    const bias = biases.includes(role) ? await checkpoint.read(`${prefix}${name}.bias`) : null
    return rows.map((x) => times(weights, x).map((value, i) => value + (bias?.[i] ?? 0)))
  }
  const normed = async (place: NormPlace, rows: Rows): Promise<Rows> => {
    const found = layer.norms[place]
    return found ? norm(rows, await checkpoint.read(`${prefix}${NORM_TENSORS[place]}.weight`), found) : rows
  }
  const ofHeads = async (name: 'q' | 'k', rows: Rows): Promise<Rows> => {
    if (spec.qkNorm === null) return rows
    const weight = await checkpoint.read(`${prefix}self_attn.${name}_norm.weight`)
    return rows.map((x) => joinRows(norm(parts(x, weight.length), weight, spec.qkNorm!)))
  }
  const sum = (before: Rows, branch: Rows): Rows =>
    before.map((x, row) => x.map((value, c) => value + residualScale * branch[row][c]))

  const x = await normed('attention', stream)
  const q = turned(await ofHeads('q', await linear('self_attn.q_proj', 'qkv', x)), spec)
  const k = turned(await ofHeads('k', await linear('self_attn.k_proj', 'qkv', x)), spec)
  const v = await linear('self_attn.v_proj', 'qkv', x)
  const mixed = await linear('self_attn.o_proj', 'o', attend(spec, q, k, v))
  const middle = sum(stream, await normed('afterAttention', mixed))
  const y = await normed('mlp', middle)
  const gate = await linear('mlp.gate_proj', 'gateUp', y)
  const up = await linear('mlp.up_proj', 'gateUp', y)
  const active = up.map((values, row) => values.map((value, c) => value * ACTIVATIONS[mlp.act](gate[row][c])))
  return sum(middle, await normed('afterMlp', await linear('mlp.down_proj', 'down', active)))
}

const ACTIVATIONS: Record<LayerSpec['mlp']['act'], (x: number) => number> = {
  silu: (x) => x / (1 + Math.exp(-x)),
  'gelu-tanh': (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
}

const capped = (x: number, cap: number | null): number => (cap === null ? x : cap * Math.tanh(x / cap))

/** [out, in] times x [in]. */
function times(weights: Float32Array, x: Float64Array): Float64Array {
  return Float64Array.from({ length: weights.length / x.length }, (_, r) =>
    x.reduce((sum, value, c) => sum + value * weights[r * x.length + c], 0),
  )
}

function norm(rows: Rows, weight: Float32Array, { epsilon }: Norm): Rows {
  return rows.map((row) => {
    const rms = Math.sqrt(row.reduce((sum, x) => sum + x * x, 0) / row.length + epsilon)
    return row.map((x, c) => (x / rms) * weight[c])
  })
}

function parts(x: Float64Array, size: number): Rows {
  return Array.from({ length: x.length / size }, (_, i) => x.subarray(i * size, (i + 1) * size))
}

const joinRows = (rows: Rows): Float64Array => Float64Array.from(rows.flatMap((row) => [...row]))

/** Turns pairs (j, j + dims/2) of every head's first `dims` values by position * frequency[j]. */
function turned(rows: Rows, { rope, headDim }: AttentionSpec): Rows {
  if (rope === null) return rows
  const { theta, dims, scaling } = rope
  const stretched = scaling === null ? null : frequencies(rope)
  const magnitude = scaling !== null && 'magnitude' in scaling ? scaling.magnitude : 1
  return rows.map((x, position) =>
    x.map((value, i) => {
      const at = i % headDim
      if (at >= dims) return value
      const j = at % (dims / 2)
      const angle = position * (stretched?.[j] ?? theta ** ((-2 * j) / dims))
      const partner = at < dims / 2 ? -x[i + dims / 2] : x[i - dims / 2]
      return magnitude * (value * Math.cos(angle) + partner * Math.sin(angle))
    }),
  )
}

function attend({ heads, kvHeads, headDim: d, scale, cap, window }: AttentionSpec, q: Rows, k: Rows, v: Rows): Rows {
  return q.map((query, row) => {
    const out = new Float64Array(heads * d)
    const first = window === null ? 0 : Math.max(0, row - window + 1)
    for (let head = 0; head < heads; head++) {
      const shared = Math.floor(head / (heads / kvHeads)) * d
      const scores = k.slice(first, row + 1).map((key) => {
        let dot = 0
        for (let c = 0; c < d; c++) dot += query[head * d + c] * key[shared + c]
        return Math.exp(capped(dot * scale, cap))
      })
      const total = scores.reduce((sum, score) => sum + score, 0)
      scores.forEach((score, i) => {
        for (let c = 0; c < d; c++) out[head * d + c] += (score / total) * v[first + i][shared + c]
      })
    }
    return out
  })
}
