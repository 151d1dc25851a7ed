/**
 * A Llama forward pass written straight from its definition, in float64, with no cache and no tricks: what graphs are
 * compared with.
 */
import type { Checkpoint } from '../../src/checkpoint/checkpoint.js'

type Matrix = { data: Float32Array; out: number; inputs: number }

/** Logits of every token of one text, [n][vocab]. */
export async function referenceLogits(checkpoint: Checkpoint, tokens: readonly number[]): Promise<Float64Array[]> {
  const { spec } = checkpoint
  const matrix = async (name: string): Promise<Matrix> => {
    const [out, inputs] = checkpoint.shape(name)
    return { data: await checkpoint.read(name), out, inputs }
  }
  const embedding = await matrix('model.embed_tokens.weight')
  let stream: Float64Array[] = tokens.map((token) =>
    Float64Array.from(embedding.data.subarray(token * spec.hidden, (token + 1) * spec.hidden)),
  )
  for (let i = 0; i < spec.layers.length; i++) {
    const part = (name: string): Promise<Matrix> => matrix(`model.layers.${i}.${name}.weight`)
    const [q, k, v, o] = await Promise.all(['q', 'k', 'v', 'o'].map((name) => part(`self_attn.${name}_proj`)))
    const [gate, up, down] = await Promise.all(['gate', 'up', 'down'].map((name) => part(`mlp.${name}_proj`)))
    const normed = await norm(checkpoint, stream, `model.layers.${i}.input_layernorm.weight`)
    const attended = attention(
      checkpoint,
      normed.map((x) => times(q, x)),
      normed.map((x) => times(k, x)),
      normed.map((x) => times(v, x)),
    )
    stream = stream.map((x, row) => add(x, times(o, attended[row])))
    const middle = await norm(checkpoint, stream, `model.layers.${i}.post_attention_layernorm.weight`)
    stream = stream.map((x, row) => {
      const g = times(gate, middle[row])
      return add(
        x,
        times(
          down,
          times(up, middle[row]).map((u, c) => (u * g[c]) / (1 + Math.exp(-g[c]))),
        ),
      )
    })
  }
  const head = spec.tied ? embedding : await matrix('lm_head.weight')
  return (await norm(checkpoint, stream, 'model.norm.weight')).map((x) => times(head, x))
}

function times({ data, out, inputs }: Matrix, x: Float64Array): Float64Array {
  return Float64Array.from({ length: out }, (_, r) =>
    x.reduce((sum, value, c) => sum + value * data[r * inputs + c], 0),
  )
}

const add = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => value + b[i])

async function norm(checkpoint: Checkpoint, rows: Float64Array[], name: string): Promise<Float64Array[]> {
  const weight = await checkpoint.read(name)
  return rows.map((row) => {
    const rms = Math.sqrt(row.reduce((sum, x) => sum + x * x, 0) / row.length + checkpoint.spec.finalNorm.epsilon)
    return row.map((x, c) => (x / rms) * weight[c])
  })
}

/** Turns pairs (j, j + d/2) of every head by position * theta^(-2j/d). */
function rotate(x: Float64Array, position: number, d: number, theta: number): Float64Array {
  return x.map((value, i) => {
    const j = (i % d) % (d / 2)
    const angle = position * theta ** ((-2 * j) / d)
    const partner = i % d < d / 2 ? -x[i + d / 2] : x[i - d / 2]
    return value * Math.cos(angle) + partner * Math.sin(angle)
  })
}

function attention({ spec }: Checkpoint, q: Float64Array[], k: Float64Array[], v: Float64Array[]): Float64Array[] {
  const { headDim: d, heads, kvHeads, rope } = spec.layers[0].attention
  const turned = (rows: Float64Array[]): Float64Array[] =>
    rows.map((row, position) => rotate(row, position, d, rope!.theta))
  const [queries, keys] = [turned(q), turned(k)]
  return queries.map((query, row) => {
    const out = new Float64Array(heads * d)
    for (let head = 0; head < heads; head++) {
      const shared = Math.floor(head / (heads / kvHeads)) * d
      const scores = keys.slice(0, row + 1).map((key) => {
        let dot = 0
        for (let c = 0; c < d; c++) dot += query[head * d + c] * key[shared + c]
        return Math.exp(dot / Math.sqrt(d))
      })
      const total = scores.reduce((sum, score) => sum + score, 0)
      scores.forEach((score, slot) => {
        for (let c = 0; c < d; c++) out[head * d + c] += (score / total) * v[slot][shared + c]
      })
    }
    return out
  })
}
