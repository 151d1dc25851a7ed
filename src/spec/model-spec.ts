/**
 * What a decoder-only language model is made of, as values: one `LayerSpec` a layer says which norms, attention and MLP
 * it has. Checks, sizes, import, placement on disk and graphs all read this; none of them knows a family by name.
 */

/** x / sqrt(mean(x^2) + epsilon) * weight. */
export interface Norm {
  epsilon: number
}

/**
 * How trained RoPE frequencies f are stretched for longer texts:
 * - `linear`: f / factor;
 * - `llama3`: waves longer than originalPositions / lowFreqFactor are stretched by `factor`, those shorter than
 *   originalPositions / highFreqFactor are kept, and a blend lies between;
 * - `yarn`: the same idea, by turns within `originalPositions` (arXiv 2309.00071), cos and sin times `magnitude`;
 * - `factors`: f[i] / factors[i], cos and sin times `magnitude`.
 */
export type RopeScaling =
  | { kind: 'linear'; factor: number }
  | { kind: 'llama3'; factor: number; lowFreqFactor: number; highFreqFactor: number; originalPositions: number }
  | {
      kind: 'yarn'
      factor: number
      originalPositions: number
      betaFast: number
      betaSlow: number
      magnitude: number
    }
  | { kind: 'factors'; factors: readonly number[]; magnitude: number }

/** Rotary position embedding that pairs value i with value i + dims / 2 of a head's first `dims` values. */
export interface RopeSpec {
  theta: number
  dims: number
  scaling: RopeScaling | null
}

export interface AttentionSpec {
  heads: number
  /** Divides `heads`. */
  kvHeads: number
  headDim: number
  /** Width that q, k and v are made of, where that is not the stream's. */
  reads?: number
  /** RMSNorm of q and k before RoPE, over each head or over all heads together. */
  qkNorm: (Norm & { over: 'head' | 'all' }) | null
  /** Scores are q k times this. */
  scale: number
  /** Scores s become cap * tanh(s / cap). */
  cap: number | null
  /** A row sees the positions from its own - window + 1 on. */
  window: number | null
  /** Null: positions do not enter this layer. */
  rope: RopeSpec | null
}

export interface MlpSpec {
  inner: number
  /** MLP(x) = down(act(gate(x)) * up(x)). */
  act: 'silu' | 'gelu-tanh'
}

/** Before a branch, or after it and before the residual sum. */
export type NormPlace = 'attention' | 'afterAttention' | 'mlp' | 'afterMlp'

/** x += residualScale * afterAttention(attention(norm(x))), then the same with the MLP; a null norm is left out. */
export interface LayerSpec {
  /** Width of the residual stream. */
  hidden: number
  norms: Record<NormPlace, Norm | null>
  attention: AttentionSpec
  mlp: MlpSpec
  /** Linear layers that add a bias. */
  biases: readonly LinearRole[]
  residualScale: number
}

export interface ModelSpec {
  vocab: number
  hidden: number
  /** Longest context the model was trained for, in tokens. */
  maxPositions: number
  /** The head is the embedding table. */
  tied: boolean
  /** Embeddings are multiplied by this. */
  embedScale: number
  /** Logits are multiplied by this. */
  logitScale: number
  /** Logits l become cap * tanh(l / cap). */
  logitCap: number | null
  /** Before the head. */
  finalNorm: Norm
  /**
   * Whether W8A8 and fp16 may rotate the residual stream: norms stand before branches only, so that their weights fold
   * into the linear layers that read them.
   */
  rotates: boolean
  layers: readonly LayerSpec[]
}

/** The linear layers of a layer, in the order they run. q, k, v are one, and so are gate and up. */
export type LinearRole = 'qkv' | 'o' | 'gateUp' | 'down'

export interface LinearSpec {
  role: LinearRole
  inputs: number
  outputs: number
  /** Widths that lie side by side in `outputs`: q, k, v; gate, up; else `outputs` alone. */
  parts: readonly number[]
  bias: boolean
  /** The norm whose result it reads; null for the residual stream itself and for values inside a branch. */
  norm: 'attention' | 'mlp' | null
}

/** Every linear layer of a layer, in the order they run and lie on disk. */
export function linearsOf(layer: LayerSpec): readonly LinearSpec[] {
  const { hidden, norms, mlp } = layer
  const { heads, headDim, reads = hidden } = layer.attention
  const kv = kvWidth(layer)
  const linear = (
    role: LinearRole,
    inputs: number,
    parts: readonly number[],
    norm: 'attention' | 'mlp' | null = null,
  ): LinearSpec => ({
    role,
    inputs,
    outputs: parts.reduce((sum, part) => sum + part, 0),
    parts,
    bias: layer.biases.includes(role),
    norm: norm !== null && norms[norm] !== null ? norm : null,
  })
  return [
    linear('qkv', reads, [heads * headDim, kv, kv], 'attention'),
    linear('o', heads * headDim, [hidden]),
    linear('gateUp', hidden, [mlp.inner, mlp.inner], 'mlp'),
    linear('down', mlp.inner, [hidden]),
  ]
}

/** One value a linear layer, by role, in the order of `linearsOf`. */
export function byRole<T>(layer: LayerSpec, value: (linear: LinearSpec) => T): Record<LinearRole, T> {
  return Object.fromEntries(linearsOf(layer).map((linear) => [linear.role, value(linear)])) as Record<LinearRole, T>
}

/** The different rotary embeddings of a model, in the order of its layers. */
export function ropesOf({ layers }: Pick<ModelSpec, 'layers'>): RopeSpec[] {
  const ropes = layers.flatMap(({ attention }) => attention.rope ?? [])
  return [...new Map(ropes.map((rope) => [ropeKey(rope), rope])).values()]
}

/** The different windows of a model, in the order of its layers. */
export function windowsOf({ layers }: Pick<ModelSpec, 'layers'>): number[] {
  return [...new Set(layers.flatMap(({ attention }) => attention.window ?? []))]
}

/** Whether norms behind branches keep the stream in the checkpoint's basis, where single channels may reach far. */
export function keepsBasis({ norms }: LayerSpec): boolean {
  return norms.afterAttention !== null || norms.afterMlp !== null
}

/** Whether layers of a model do, so that its stream keeps the checkpoint's basis. */
export function hasOwnBasis({ layers }: Pick<ModelSpec, 'layers'>): boolean {
  return layers.some(keepsBasis)
}

/** The same for ropes that are alike. */
export function ropeKey(rope: RopeSpec): string {
  return JSON.stringify(rope)
}

/** Values of K, and of V, that a layer keeps for a token. */
export function kvWidth({ attention: { kvHeads, headDim } }: LayerSpec): number {
  return kvHeads * headDim
}

/**
 * Checkpoint head at each place of the graph's order (j, kv): head j of every K/V group, then the next j, so that a
 * view of q stacks the heads of one group as rows.
 */
export function headOrder({ heads, kvHeads }: Pick<AttentionSpec, 'heads' | 'kvHeads'>): number[] {
  const perKv = heads / kvHeads
  return Array.from({ length: heads }, (_, place) => (place % kvHeads) * perKv + Math.floor(place / kvHeads))
}

/** A spec as JSON keeps it: layers that are alike stand in `kinds` once, `layers` says which kind each layer is. */
export interface PackedSpec extends Omit<ModelSpec, 'layers'> {
  kinds: LayerSpec[]
  layers: number[]
}

export function packSpec({ layers, ...rest }: ModelSpec): PackedSpec {
  const texts = layers.map((layer) => JSON.stringify(layer))
  const distinct = [...new Set(texts)]
  return {
    ...rest,
    kinds: distinct.map((text) => JSON.parse(text) as LayerSpec),
    layers: texts.map((text) => distinct.indexOf(text)),
  }
}

export function unpackSpec({ kinds, layers, ...rest }: PackedSpec): ModelSpec {
  return { ...rest, layers: layers.map((kind) => kinds[kind]) }
}
