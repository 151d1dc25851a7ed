/**
 * What calibration keeps of one layer: the largest values by channel, and the rows that static steps are chosen from.
 */
import { byRole, kvWidth, type LayerSpec } from '../spec/model-spec.js'
import type { LayerRunner } from './layer-runner.js'
import type { FusedLayer } from './fold.js'
import { columnMax, transpose } from '../common/matrix.js'

export interface Observed {
  /** [kvHeads * d] max |v| of each channel. */
  vMax: Float32Array
  /** [intermediate] max |input| of each channel of `down_proj`. */
  downMax: Float32Array
  /** One [N, width] per text: what q/k/v, `o_proj` and gate/up read. */
  qkv: Float32Array[]
  o: Float32Array[]
  gateUp: Float32Array[]
}

/**
 * Runs every text through the layer in fp32. `streams` [N, hidden] each are the residual streams before it, and after
 * it when this returns.
 */
export async function observeLayer(
  spec: LayerSpec,
  runner: LayerRunner,
  layer: FusedLayer,
  streams: Float32Array[],
): Promise<Observed> {
  const weights = byRole(spec, ({ role, outputs, inputs }) => transpose(layer[role], outputs, inputs))
  const seen: Observed = {
    vMax: new Float32Array(kvWidth(spec)),
    downMax: new Float32Array(spec.mlp.inner),
    qkv: [],
    o: [],
    gateUp: [],
  }
  for (let t = 0; t < streams.length; t++) {
    const { x, taps } = await runner.run(weights, streams[t])
    streams[t] = x
    columnMax(taps.v, seen.vMax)
    columnMax(taps.down, seen.downMax)
    seen.qkv.push(taps.qkv)
    seen.o.push(taps.o)
    seen.gateUp.push(taps.gateUp)
  }
  return seen
}

/** x / rms(x) of every row: what a linear layer after a norm reads once the norm's weight is folded into it. */
export function normalize(stream: Float32Array, hidden: number, epsilon: number): Float32Array {
  const out = new Float32Array(stream.length)
  for (let start = 0; start < stream.length; start += hidden) {
    let square = 0
    for (let i = start; i < start + hidden; i++) square += stream[i] * stream[i]
    const factor = 1 / Math.sqrt(square / hidden + epsilon)
    for (let i = start; i < start + hidden; i++) out[i] = stream[i] * factor
  }
  return out
}
