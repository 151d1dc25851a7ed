/**
 * The same model cut into passes that need no weights of their own but the head's: one layer, which gets its weights as
 * inputs and so serves all layers, and the head. Operators are those of `modelGraph`, in the same order, so that the
 * bits are the same. For models whose norms' weights are folded into linear layers: what is left of them is ones, the
 * same tensor for all.
 */
import { tapInput } from '../runtime/streamed/layout.js'
import { kvWidth, windowsOf, type LinearRole, type ModelSpec } from '../spec/model-spec.js'
import { GraphBuilder } from '../onnx/graph-builder.js'
import { asInputs, inputsOf, sharedByKind } from '../formats/linear.js'
import { emitLayer } from './layer.js'
import { head } from './head.js'
import { kindsOf, rotaryOf, type ModelWeights } from './model-graph.js'
import { goesFar, passInputs, preparePass } from './pass.js'
import { project } from './projection.js'

/** What the linear layers are called in files and graphs, in the order they lie there. */
export const LINEAR_NAMES: Readonly<Record<LinearRole, string>> = {
  qkv: 'qkv',
  o: 'o',
  gateUp: 'gate_up',
  down: 'down',
}
export const ROLES = Object.keys(LINEAR_NAMES) as LinearRole[]

/**
 * Whether one graph serves all layers of a model: their specs are equal, and linear weights are all that a layer has of
 * its own, the weights of its norms folded into them.
 */
export function isStreamable(spec: ModelSpec): boolean {
  const [first] = spec.layers
  const isAlike = spec.layers.every((layer) => layer === first || JSON.stringify(layer) === JSON.stringify(first))
  return spec.rotates && isAlike && first.biases.length === 0 && first.attention.qkNorm === null
}

/**
 * One layer. Inputs: `x` float32 [1, N, hidden], the pass's own inputs, `k_cache`, `v_cache`, and for each linear layer
 * what `inputsOf` lists. Outputs: `x_out` like `x`, `k_cache_out`, `v_cache_out`.
 */
export function streamedLayerGraph(
  spec: ModelSpec,
  weights: ModelWeights,
  { grouped }: { grouped: boolean },
): Uint8Array {
  const g = new GraphBuilder('layer')
  const [layer] = spec.layers
  const {
    layers: [first],
    integers,
  } = weights
  const windows = windowsOf(spec)
  const x = g.input('x', 'float32', [1, 'N', spec.hidden])
  const inputs = passInputs(g, grouped, windows)
  const pass = preparePass(
    g,
    layer.attention,
    { ...inputs, rotary: rotaryOf(g, spec, weights) },
    { integers, fine: goesFar(spec) ? 'far' : undefined, windows, kinds: kindsOf(first) },
  )
  const vType = integers ?? 'float32'
  const cacheDims = ['S', 'B', kvWidth(layer)]
  const caches = {
    k: g.input('k_cache', 'float32', cacheDims),
    kType: 'float32' as const,
    v: g.input('v_cache', vType, cacheDims),
    kOut: 'k_cache_out',
    vOut: 'v_cache_out',
  }
  const norm = g.weight(weights.finalNorm)
  const tensors = {
    norms: { attention: norm, mlp: norm },
    biases: {},
    qkv: asInputs(g, LINEAR_NAMES.qkv, first.qkv),
    o: asInputs(g, LINEAR_NAMES.o, first.o),
    gateUp: asInputs(g, LINEAR_NAMES.gateUp, first.gateUp),
    down: asInputs(g, LINEAR_NAMES.down, first.down),
  }
  const { stream } = emitLayer(g, layer, pass, tensors, caches, { sum: x, branch: null })
  g.op('Add', [stream.branch!, stream.sum], {}, 'x_out')
  g.output('x_out', 'float32', [1, 'N', spec.hidden])
  g.output(caches.kOut, 'float32', cacheDims)
  g.output(caches.vOut, vType, cacheDims)
  return g.encode()
}

/**
 * The head. Inputs: `x` float32 [1, N, hidden], `logit_rows`; for a projection also `position_ids`, and each layer's
 * output that it reads, like `x`, as `tapInput` calls it. Outputs: `logits`, and `hidden` where wanted.
 */
export function streamedHeadGraph(spec: ModelSpec, weights: ModelWeights, { hidden }: { hidden: boolean }): Uint8Array {
  const g = new GraphBuilder('head')
  const x = g.input('x', 'float32', [1, 'N', spec.hidden])
  const { projection } = weights
  const options = { hidden: hidden && !projection, half: false }
  head(g, spec, weights, { sum: x, branch: null }, g.input('logit_rows', 'int64', ['m']), options)
  if (projection) {
    const layers = [...new Set(projection.taps)]
    const inputs = new Map(layers.map((layer) => [layer, g.input(tapInput(layer), 'float32', [1, 'N', spec.hidden])]))
    const kinds = projection.linears.map(({ kind }) => kind)
    const shared = sharedByKind(g, kinds, g.input('position_ids', 'int64', [1, 'N']))
    project(g, projection, (layer) => inputs.get(layer)!, shared)
  }
  return g.encode()
}

/**
 * Copies a layer's weights, for memory that only ONNX Runtime can write to: the tensors of each linear layer in, and
 * out as `copy.` and their names.
 */
export function uploadGraph({ layers: [layer] }: ModelWeights): Uint8Array {
  const g = new GraphBuilder('upload')
  for (const { input, ref } of ROLES.flatMap((role) => inputsOf(LINEAR_NAMES[role], layer[role]).tensors)) {
    g.op('Identity', [g.input(input, ref.type, ref.dims)], {}, `copy.${input}`)
    g.output(`copy.${input}`, ref.type, ref.dims)
  }
  return g.encode()
}
