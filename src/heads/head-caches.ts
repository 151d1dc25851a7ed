/** K/V caches of a head's graph, and where its attention is one operator: as graphs of whole models have them. */
import type { WeightFormat } from '../formats/weight-format.js'
import type { LayerCaches } from '../graph/branch.js'
import type { LinearKind } from '../formats/linear.js'
import { fusedPass, GROUP_DIMS } from '../graph/fused-attention.js'
import { passInputs, preparePass, type Pass, type Rotary } from '../graph/pass.js'
import type { GraphBuilder } from '../onnx/graph-builder.js'
import { kvWidth, type LayerSpec } from '../spec/model-spec.js'

/** Of graphs for a device that holds the head as a whole: whether branches are float16, and the caches' type. */
export interface DeviceGraphs {
  half: boolean
  cache: 'float16' | 'float32'
}

export function deviceGraphs({ halves }: Pick<WeightFormat, 'halves'>): DeviceGraphs {
  return halves ? { half: true, cache: 'float16' } : { half: false, cache: 'float32' }
}

export interface HeadPassOptions {
  grouped: boolean
  layer: LayerSpec
  /** Adds the tables to the graph. */
  rotary(): Map<string, Rotary>
  kinds: Iterable<LinearKind>
  device?: DeviceGraphs
}

/** Declares a pass's inputs, and what its layers share of them. */
export function headPass(g: GraphBuilder, { grouped, layer, rotary, kinds, device }: HeadPassOptions): HeadPass {
  const declared = passInputs(g, grouped, [], device && GROUP_DIMS)
  const logitRows = g.input('logit_rows', 'int64', ['m'])
  const inputs = { ...declared, rotary: rotary() }
  const pass = device
    ? fusedPass(g, inputs, { half: device.half, windows: [], kinds })
    : preparePass(g, layer.attention, inputs, { integers: null, kinds })
  return { pass, logitRows }
}

interface HeadPass {
  pass: Pass
  logitRows: string
}

/** Inputs and names of the outputs of layer i. */
export function headCaches(g: GraphBuilder, layer: LayerSpec, i: number, device?: DeviceGraphs): LayerCaches {
  const [type, dims] = cacheOf(layer, device)
  return {
    k: g.input(`k_cache.${i}`, type, dims),
    kType: type,
    v: g.input(`v_cache.${i}`, type, dims),
    kOut: `k_cache_out.${i}`,
    vOut: `v_cache_out.${i}`,
  }
}

/** Declares the caches as they come out of a layer. */
export function headCacheOutputs(
  g: GraphBuilder,
  { kOut, vOut }: LayerCaches,
  layer: LayerSpec,
  device?: DeviceGraphs,
): void {
  const [type, dims] = cacheOf(layer, device)
  for (const out of [kOut, vOut]) g.output(out, type, dims)
}

function cacheOf(layer: LayerSpec, device?: DeviceGraphs): ['float16' | 'float32', (number | string)[]] {
  return [device?.cache ?? 'float32', [...(device ? ['B', 'S'] : ['S', 'B']), kvWidth(layer)]]
}
