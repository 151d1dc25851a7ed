/** A pass and a layer's tensors by name, for graphs that are looked at and not run: fp32, one sequence. */
import { floatLinears } from '../../../src/formats/fp32.js'
import type { LayerTensors } from '../../../src/graph/branch.js'
import { passInputs, preparePass, type Pass, type PassOptions } from '../../../src/graph/pass.js'
import {
  byRole,
  linearsOf,
  ropeKey,
  ropesOf,
  windowsOf,
  type LayerSpec,
  type NormPlace,
} from '../../../src/spec/model-spec.js'
import type { RecordedGraph } from '../../support/recorded-graph.js'

export function passOf(
  g: RecordedGraph,
  layer: LayerSpec,
  { grouped = false, ...options }: Partial<PassOptions> & { grouped?: boolean } = {},
): Pass {
  const windows = windowsOf({ layers: [layer] })
  const rotary = new Map(ropesOf({ layers: [layer] }).map((rope) => [ropeKey(rope), { cos: 'cos', sin: 'sin' }]))
  return preparePass(
    g,
    layer.attention,
    { ...passInputs(g, grouped, windows), rotary },
    { integers: null, windows, kinds: [floatLinears], ...options },
  )
}

/** Weights go by their role, norms and biases as `norm.PLACE` and `bias.ROLE`. */
export function layerTensorsOf(layer: LayerSpec): LayerTensors {
  const places = Object.keys(layer.norms) as NormPlace[]
  return {
    ...byRole(layer, ({ role, inputs, outputs }) => ({
      kind: floatLinears,
      inputs,
      type: 'float32' as const,
      dims: [inputs, outputs],
      tensors: { weight: role },
      numbers: {},
    })),
    norms: Object.fromEntries(
      places.filter((place) => layer.norms[place] !== null).map((place) => [place, `norm.${place}`]),
    ),
    biases: Object.fromEntries(
      linearsOf(layer)
        .filter(({ bias }) => bias)
        .map(({ role }) => [role, `bias.${role}`]),
    ),
    qkNorms: layer.attention.qkNorm === null ? undefined : { q: 'norm.q', k: 'norm.k' },
  }
}
