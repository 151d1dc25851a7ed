/**
 * Calibration: the model's own text run through it in fp32, one layer at a time, to see how large activations get. One
 * small graph with the layer's weights as inputs serves all layers, so no more than one layer is ever in memory.
 */
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { GraphBuilder } from '../onnx/graph-builder.js'
import { llamaLayer, type LayerTaps } from '../graph/layer.js'
import { floatLinears } from '../formats/fp32.js'
import type { LinearValues } from '../formats/linear.js'
import { passInputs, preparePass } from '../graph/pass.js'
import { rotaryTables } from '../graph/rope.js'
import { byRole, kvWidth, type LayerSpec, type LinearRole } from '../spec/model-spec.js'

/** Weights of one layer as float32, linear layers in the graph's layout [in, out]. */
export interface FloatLayer extends Record<LinearRole, Float32Array> {
  /** [hidden]. */
  inputNorm: Float32Array
  postNorm: Float32Array
}

/** What the taps gave for one text of N tokens: [N, width] each. */
export type LayerActivations = Record<keyof LayerTaps, Float32Array>

const TAPS = ['qkv', 'v', 'o', 'gateUp', 'down'] as const

export class LayerRunner {
  readonly #session: InferenceSession
  readonly #spec: LayerSpec
  readonly #tables: Record<'cos' | 'sin', Tensor>

  private constructor(session: InferenceSession, spec: LayerSpec, positions: number) {
    this.#session = session
    this.#spec = spec
    const rope = spec.attention.rope!
    const { cos, sin } = rotaryTables(rope, positions)
    const dims = [positions, rope.dims / 2]
    this.#tables = { cos: new Tensor('float32', cos, dims), sin: new Tensor('float32', sin, dims) }
  }

  /** Opens the layer graph for texts of at most `positions` tokens. */
  static async open(spec: LayerSpec, positions: number): Promise<LayerRunner> {
    return new LayerRunner(await InferenceSession.create(layerGraph(spec)), spec, positions)
  }

  /**
   * Runs one layer over one text. `x` [N, hidden] is the residual stream before it; returns the stream after it and the
   * taps.
   */
  async run(layer: FloatLayer, x: Float32Array): Promise<{ x: Float32Array; taps: LayerActivations }> {
    const { hidden } = this.#spec
    const kv = kvWidth(this.#spec)
    const n = x.length / hidden
    const float = (data: Float32Array, ...dims: number[]): Tensor => new Tensor('float32', data, dims)
    const ints = (values: number[], ...dims: number[]): Tensor =>
      new Tensor('int64', BigInt64Array.from(values, BigInt), dims)
    const rows = Array.from({ length: n }, (_, row) => row)
    const cache = (): Tensor => float(new Float32Array(n * kv), n, 1, kv)
    const results = await this.#session.run({
      ...this.#tables,
      x: float(x, 1, n, hidden),
      position_ids: ints(rows, 1, n),
      cache_index: ints(
        rows.flatMap((row) => [row, 0]),
        1,
        n,
        2,
      ),
      mask: new Tensor(
        'bool',
        Uint8Array.from({ length: n * n }, (_, i) => (i % n <= Math.floor(i / n) ? 1 : 0)),
        [1, 1, n, n],
      ),
      k_cache: cache(),
      v_cache: cache(),
      inputNorm: float(layer.inputNorm, hidden),
      postNorm: float(layer.postNorm, hidden),
      ...byRole(this.#spec, ({ role, inputs, outputs }) => float(layer[role], inputs, outputs)),
    })
    const data = (name: string): Float32Array => results[name].data as Float32Array
    return {
      x: data('x_out'),
      taps: Object.fromEntries(TAPS.map((tap) => [tap, data(`tap.${tap}`)])) as LayerActivations,
    }
  }

  async close(): Promise<void> {
    await this.#session.release()
  }
}

function layerGraph(spec: LayerSpec): Uint8Array {
  const { hidden, attention } = spec
  const g = new GraphBuilder('layer')
  const float = (name: string, ...dims: (number | string)[]): string => g.input(name, 'float32', dims)
  const floats = (name: string, inputs: number, outputs: number): LinearValues => ({
    kind: floatLinears,
    inputs,
    type: 'float32',
    tensors: { weight: float(name, inputs, outputs) },
    numbers: {},
  })
  const x = float('x', 1, 'N', hidden)
  const inputs = passInputs(g, false)
  const half = attention.rope!.dims / 2
  const tables = { cos: float('cos', 'positions', half), sin: float('sin', 'positions', half) }
  const pass = preparePass(g, attention, { ...inputs, ...tables }, { integers: null, kinds: [floatLinears] })
  const caches = {
    k: float('k_cache', 'S', 'B', kvWidth(spec)),
    v: float('v_cache', 'S', 'B', kvWidth(spec)),
    kOut: 'k_cache_out',
    vOut: 'v_cache_out',
  }
  const tensors = {
    inputNorm: float('inputNorm', hidden),
    postNorm: float('postNorm', hidden),
    ...byRole(spec, ({ role, inputs, outputs }) => floats(role, inputs, outputs)),
  }
  const { stream, taps } = llamaLayer(g, spec, pass, tensors, caches, { sum: x, branch: null })
  g.op('Add', [stream.sum, stream.branch ?? stream.sum], {}, 'x_out')
  g.output('x_out', 'float32', [1, 'N', hidden])
  for (const tap of TAPS) {
    g.op('Identity', [taps[tap]], {}, `tap.${tap}`)
    g.output(`tap.${tap}`, 'float32', [1, 'N', 'width'])
  }
  return g.encode()
}
