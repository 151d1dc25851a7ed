/**
 * Calibration: the model's own text run through it in fp32, one layer at a time, to see how large activations get. One
 * small graph with the layer's weights as inputs serves all layers that are alike, so no more than one layer is ever in
 * memory.
 */
import type { InferenceSession, Tensor } from 'onnxruntime-node'
import { floatLinears } from '../formats/fp32.js'
import type { LinearKind, LinearValues } from '../formats/linear.js'
import type { LayerTensors } from '../graph/branch.js'
import { emitLayer, type LayerTaps } from '../graph/layer.js'
import { passInputs, preparePass, type Rotary } from '../graph/pass.js'
import { rotaryTables } from '../graph/rope.js'
import { GraphBuilder } from '../onnx/graph-builder.js'
import { loadOnnxRuntime, type OnnxRuntime } from '../runtime/onnxruntime.js'
import { byRole, kvWidth, linearsOf, ropeKey, windowsOf, type LayerSpec } from '../spec/model-spec.js'
import type { FusedLayer } from './fold.js'

/** What the taps gave for one text of N tokens: [N, width] each. */
export type LayerActivations = Record<keyof LayerTaps, Float32Array>

const TAPS = ['qkv', 'v', 'o', 'gateUp', 'down'] as const

/** Weights as checkpoints have them, [out, in]. */
const storedLinears: LinearKind = {
  ...floatLinears,
  emit: (g, x, { tensors }, { output }) => g.op('FusedMatMul', [x, tensors.weight], { transB: 1 }, output),
}

/** Threads of a session that wait for their part of an operator sleep: others have work for the cores. */
const OPTIONS: InferenceSession.SessionOptions = { extra: { session: { intra_op: { allow_spinning: '0' } } } }

interface Kind {
  ort: OnnxRuntime
  session: InferenceSession
  /** The rotary tables of its graph. */
  tables: Record<string, Tensor>
  /** The inputs of a pass over a text, by its length. */
  passes: Map<number, Record<string, Tensor>>
}

export class LayerRunner {
  readonly #kinds = new Map<string, Promise<Kind>>()
  readonly #positions: number

  /** For texts of at most `positions` tokens. */
  constructor(positions: number) {
    this.#positions = positions
  }

  /**
   * Runs one layer over one text; `x` [N, hidden] is the residual stream before it. Returns the stream after it and the
   * taps.
   */
  async run(spec: LayerSpec, layer: FusedLayer, x: Float32Array): Promise<{ x: Float32Array; taps: LayerActivations }> {
    const { ort, session, tables, passes } = await this.#kindOf(spec)
    const n = x.length / spec.hidden
    const pass = passes.get(n) ?? passOf(ort, n, spec)
    passes.set(n, pass)
    const results = await session.run({
      ...tables,
      ...pass,
      x: new ort.Tensor('float32', x, [1, n, spec.hidden]),
      ...byRole(spec, ({ role, inputs, outputs }) => new ort.Tensor('float32', layer[role], [outputs, inputs])),
      ...Object.fromEntries(
        Object.entries(vectorsOf(layer)).map(([name, values]) => [
          name,
          new ort.Tensor('float32', values, [values.length]),
        ]),
      ),
    })
    const data = (name: string): Float32Array => results[name].data as Float32Array
    return {
      x: data('x_out'),
      taps: Object.fromEntries(TAPS.map((tap) => [tap, data(`tap.${tap}`)])) as LayerActivations,
    }
  }

  async close(): Promise<void> {
    for (const kind of this.#kinds.values()) await (await kind).session.release()
  }

  #kindOf(spec: LayerSpec): Promise<Kind> {
    const key = JSON.stringify(spec)
    const kind = this.#kinds.get(key) ?? openKind(spec, this.#positions)
    this.#kinds.set(key, kind)
    return kind
  }
}

async function openKind(spec: LayerSpec, positions: number): Promise<Kind> {
  const { rope } = spec.attention
  const ort = await loadOnnxRuntime()
  const session = await ort.InferenceSession.create(layerGraph(spec), OPTIONS)
  const passes: Kind['passes'] = new Map()
  if (rope === null) return { ort, session, tables: {}, passes }
  const { cos, sin } = rotaryTables(rope, positions)
  const dims = [positions, rope.dims / 2]
  return {
    ort,
    session,
    passes,
    tables: { cos: new ort.Tensor('float32', cos, dims), sin: new ort.Tensor('float32', sin, dims) },
  }
}

function passOf(ort: OnnxRuntime, n: number, spec: LayerSpec): Record<string, Tensor> {
  return {
    ...chainOf(ort, n),
    ...emptyCache(ort, n, spec, ''),
    ...(spec.attention.window === null ? {} : { slot_positions: ints(ort, countTo(n), 1, n) }),
  }
}

/**
 * K and V rows of a layer for n tokens, as the inputs `k_cache` and `v_cache` with a suffix. `byLane`: their type where
 * they lie lane by lane, [1, n, kv]; else [n, 1, kv] float32.
 */
export function emptyCache(
  ort: OnnxRuntime,
  n: number,
  spec: LayerSpec,
  suffix: string,
  byLane?: 'float16' | 'float32',
): Record<string, Tensor> {
  const kv = kvWidth(spec)
  const dims = byLane ? [1, n, kv] : [n, 1, kv]
  const cache = (): Tensor =>
    byLane === 'float16'
      ? new ort.Tensor('float16', new Uint16Array(n * kv), dims)
      : new ort.Tensor('float32', new Float32Array(n * kv), dims)
  return { [`k_cache${suffix}`]: cache(), [`v_cache${suffix}`]: cache() }
}

/**
 * The inputs of a pass over one text of n tokens: every row sees itself and those before it. `byLane`: over caches that
 * lie lane by lane.
 */
export function chainOf(ort: OnnxRuntime, n: number, byLane = false): Record<string, Tensor> {
  const rows = countTo(n)
  const sees = new Uint8Array(n * n)
  for (const row of rows) sees.fill(1, row * n, row * n + row + 1)
  const places = rows.flatMap((row) => (byLane ? [0, row] : [row, 0]))
  return {
    position_ids: ints(ort, rows, 1, n),
    cache_index: ints(ort, places, 1, n, 2),
    mask: new ort.Tensor('bool', sees, [1, 1, n, n]),
  }
}

const countTo = (n: number): number[] => Array.from({ length: n }, (_, row) => row)

export function ints(ort: OnnxRuntime, values: readonly number[], ...dims: number[]): Tensor {
  return new ort.Tensor('int64', BigInt64Array.from(values, BigInt), dims)
}

/** A layer's vectors by the inputs that bring them. */
function vectorsOf({ norms, qkNorms, biases }: FusedLayer): Record<string, Float32Array> {
  const named = (prefix: string, values: Record<string, Float32Array>): [string, Float32Array][] =>
    Object.entries(values).map(([name, value]) => [`${prefix}.${name}`, value])
  return Object.fromEntries([...named('norm', norms), ...named('qkNorm', { ...qkNorms }), ...named('bias', biases)])
}

function layerGraph(spec: LayerSpec): Uint8Array {
  const { hidden, attention } = spec
  const { rope } = attention
  const windows = windowsOf({ layers: [spec] })
  const g = new GraphBuilder('layer')
  const float = (name: string, ...dims: (number | string)[]): string => g.input(name, 'float32', dims)
  const x = float('x', 1, 'N', hidden)
  const rotary = new Map<string, Rotary>()
  const inputs = { ...passInputs(g, false, windows), rotary }
  const table = (name: string): string => float(name, 'positions', rope!.dims / 2)
  if (rope !== null) rotary.set(ropeKey(rope), { cos: table('cos'), sin: table('sin') })
  const pass = preparePass(g, attention, inputs, { integers: null, windows, kinds: [storedLinears] })
  const caches = {
    k: float('k_cache', 'S', 'B', kvWidth(spec)),
    kType: 'float32' as const,
    v: float('v_cache', 'S', 'B', kvWidth(spec)),
    kOut: 'k_cache_out',
    vOut: 'v_cache_out',
  }
  const { stream, taps } = emitLayer(g, spec, pass, layerInputs(float, spec), caches, { sum: x, branch: null })
  g.op('Add', [stream.sum, stream.branch ?? stream.sum], {}, 'x_out')
  g.output('x_out', 'float32', [1, 'N', hidden])
  for (const tap of TAPS) {
    g.op('Identity', [taps[tap]], {}, `tap.${tap}`)
    g.output(`tap.${tap}`, 'float32', [1, 'N', 'width'])
  }
  return g.encode()
}

function layerInputs(float: (name: string, ...dims: number[]) => string, spec: LayerSpec): LayerTensors {
  const { heads, headDim, qkNorm } = spec.attention
  const linears = byRole(spec, ({ role, inputs, outputs }): LinearValues => ({
    kind: storedLinears,
    inputs,
    type: 'float32',
    tensors: { weight: float(role, outputs, inputs) },
    dims: [outputs, inputs],
    numbers: {},
  }))
  const norms: LayerTensors['norms'] = {}
  for (const [place, norm] of Object.entries(spec.norms))
    if (norm !== null) norms[place as keyof typeof norms] = float(`norm.${place}`, spec.hidden)
  const biases: LayerTensors['biases'] = {}
  for (const { role, outputs, bias } of linearsOf(spec)) if (bias) biases[role] = float(`bias.${role}`, outputs)
  if (qkNorm === null) return { ...linears, norms, biases }
  const [q, k] = qkNorm.over === 'head' ? [headDim, headDim] : [heads * headDim, kvWidth(spec)]
  return { ...linears, norms, biases, qkNorms: { q: float('qkNorm.q', q), k: float('qkNorm.k', k) } }
}
