/**
 * The same model cut into passes that need no weights of their own but the head's: one layer, which gets its weights as
 * inputs and so serves all layers, and the head. Operators are those of `llamaGraph`, in the same order, so that the
 * bits are the same. W8A8 and fp16.
 */
import { kvWidth, type ModelSpec } from '../spec/model-spec.js'
import { GraphBuilder } from '../onnx/graph-builder.js'
import type { Linear } from '../formats/linear.js'
import { llamaLayer } from './layer.js'
import { head, integerType, type LinearWeights, type LlamaWeights } from './model-graph.js'
import { goesFar, passInputs, preparePass } from './pass.js'

/** The linear layers of a layer: what each of its inputs is called, and which of its weights it stands for. */
export const LINEARS = { qkv: 'qkv', o: 'o', gateUp: 'gate_up', down: 'down' } as const

/**
 * One layer. Inputs: `x` float32 [1, N, hidden], the pass's own inputs, `k_cache`, `v_cache`, and for each linear layer
 * its weight under its name and, in W8A8, `.scale` and, where it is static, `.step` (float32 scalar). Outputs: `x_out`
 * like `x`, `k_cache_out`, `v_cache_out`.
 */
export function streamedLayerGraph(
  spec: ModelSpec,
  weights: LlamaWeights,
  { grouped }: { grouped: boolean },
): Uint8Array {
  const g = new GraphBuilder('layer')
  const [layer] = spec.layers
  const integers = integerType(weights.head)
  const x = g.input('x', 'float32', [1, 'N', spec.hidden])
  const inputs = passInputs(g, grouped)
  const pass = preparePass(
    g,
    layer.attention,
    { ...inputs, cos: g.weight(weights.cos), sin: g.weight(weights.sin) },
    { integers, long: goesFar(spec) },
  )
  const vType = integers ?? 'float32'
  const cacheDims = ['S', 'B', kvWidth(layer)]
  const caches = {
    k: g.input('k_cache', 'float32', cacheDims),
    v: g.input('v_cache', vType, cacheDims),
    kOut: 'k_cache_out',
    vOut: 'v_cache_out',
  }
  const [first] = weights.layers
  const norm = g.weight(weights.finalNorm)
  const tensors = {
    inputNorm: norm,
    postNorm: norm,
    qkv: linearInputs(g, LINEARS.qkv, first.qkv),
    o: linearInputs(g, LINEARS.o, first.o),
    gateUp: linearInputs(g, LINEARS.gateUp, first.gateUp),
    down: linearInputs(g, LINEARS.down, first.down),
  }
  const { stream } = llamaLayer(g, layer, pass, tensors, caches, { sum: x, branch: null })
  g.op('Add', [stream.branch!, stream.sum], {}, 'x_out')
  g.output('x_out', 'float32', [1, 'N', spec.hidden])
  g.output(caches.kOut, 'float32', cacheDims)
  g.output(caches.vOut, vType, cacheDims)
  return g.encode()
}

/** The head. Inputs: `x` float32 [1, N, hidden], `logit_rows`. Outputs: `logits`, and `hidden` where wanted. */
export function streamedHeadGraph(spec: ModelSpec, weights: LlamaWeights, { hidden }: { hidden: boolean }): Uint8Array {
  const g = new GraphBuilder('head')
  const x = g.input('x', 'float32', [1, 'N', spec.hidden])
  head(g, spec, weights, { sum: x, branch: null }, g.input('logit_rows', 'int64', ['m']), hidden)
  return g.encode()
}

/**
 * Copies a layer's weights, for memory that only ONNX Runtime can write to: each linear layer's weight in, and out as
 * `copy.` and its name.
 */
export function uploadGraph({ layers: [layer] }: LlamaWeights): Uint8Array {
  const g = new GraphBuilder('upload')
  for (const [key, name] of Object.entries(LINEARS) as [keyof typeof LINEARS, string][]) {
    const { type, dims } = layer[key].weight
    g.op('Identity', [g.input(name, type, dims)], {}, `copy.${name}`)
    g.output(`copy.${name}`, type, dims)
  }
  return g.encode()
}

function linearInputs(g: GraphBuilder, name: string, { weight, scale, step }: LinearWeights): Linear {
  const linear = {
    weight: g.input(name, weight.type, weight.dims),
    inputs: weight.dims[0],
    isHalf: weight.type === 'float16',
  }
  if (linear.isHalf) return linear
  return {
    ...linear,
    scale: g.input(`${name}.scale`, 'float32', scale!.dims),
    step: typeof step === 'number' ? { value: g.input(`${name}.step`, 'float32', []) } : step,
    integers: integerType({ weight })!,
  }
}
