/** Texts through one layer in fp32, and what a format wants to see of it. Plain data in and out: a thread can do it. */
import { columnMax } from '../common/matrix.js'
import type { Calibration, Observed } from '../formats/weight-format.js'
import { byRole, kvWidth, type LayerSpec, type LinearRole } from '../spec/model-spec.js'
import type { FusedLayer } from './fold.js'
import type { LayerRunner } from './layer-runner.js'

export interface LayerToSee {
  spec: LayerSpec
  layer: FusedLayer
  /** Of each text [N, hidden]: the residual stream before the layer. */
  streams: Float32Array[]
  wanted: Pick<Calibration, 'rows' | 'largest'>
}

export interface SeenLayer {
  layer: FusedLayer
  /** After the layer. */
  streams: Float32Array[]
  seen: Observed
}

export async function seeLayer(
  runner: LayerRunner,
  { spec, layer, streams, wanted: { rows, largest } }: LayerToSee,
): Promise<SeenLayer> {
  const widths = byRole(spec, ({ inputs }) => inputs)
  const seen: Observed = {
    v: new Float32Array(kvWidth(spec)),
    rows: Object.fromEntries(rows.map((role) => [role, []])),
    largest: Object.fromEntries(largest.map((role) => [role, new Float32Array(widths[role])])),
  }
  const after: Float32Array[] = []
  for (const stream of streams) {
    const { x, taps } = await runner.run(spec, layer, stream)
    after.push(x)
    columnMax(taps.v, seen.v)
    for (const role of rows) seen.rows[role]!.push(taps[role])
    for (const role of largest) columnMax(taps[role], seen.largest[role]!)
  }
  return { layer, streams: after, seen }
}

/** The memory of its large arrays, for a message that hands it over in place of a copy. */
export function memoryOf({
  layer,
  streams,
  seen,
}: Pick<SeenLayer, 'layer' | 'streams'> & Partial<SeenLayer>): ArrayBuffer[] {
  const roles: LinearRole[] = ['qkv', 'o', 'gateUp', 'down']
  const large = [...roles.map((role) => layer[role]), ...streams, ...Object.values(seen?.rows ?? {}).flat()]
  // A view of a part would take the rest of its memory along.
  const whole = large.filter(({ buffer, byteLength }) => buffer.byteLength === byteLength)
  return [...new Set(whole.map(({ buffer }) => buffer as ArrayBuffer))]
}
