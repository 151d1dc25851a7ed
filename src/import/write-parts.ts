/** The parts of a model that imports of models and of draft heads write alike. */
import type { LinearTarget, Reads, TensorFile } from '../formats/linear.js'
import type { StoredTable, TableKind, TableShape } from '../formats/table.js'
import type { WeightFormat } from '../formats/weight-format.js'
import type { LayerWeights } from '../graph/model-graph.js'
import { rotaryTables } from '../graph/rope.js'
import { LINEAR_NAMES } from '../graph/streamed-graph.js'
import type { WeightRef } from '../onnx/graph-builder.js'
import { byRole, type LayerSpec, type LinearRole, type ModelSpec } from '../spec/model-spec.js'
import type { FusedLayer } from './fold.js'
import type { WeightFile } from './weight-file.js'

export interface LayerTarget extends Omit<LinearTarget, 'reads'> {
  format: Pick<WeightFormat, 'linears'>
  /** Put before the names of tensors. */
  prefix: string
  /** What linear layers read, where it is known. */
  reads: Partial<Record<LinearRole, Reads>>
  /** The norm that all layers share, where theirs are folded into linear layers. */
  norm: WeightRef | null
}

/** Writes a layer's linear layers, and its norms where they are its own, in the order that they run. */
export async function writeLayer(
  spec: LayerSpec,
  layer: FusedLayer,
  { format, prefix, reads, norm, ...to }: LayerTarget,
): Promise<Omit<LayerWeights, 'region'>> {
  const shapes = byRole(spec, (linear) => linear)
  const linear = (role: LinearRole): ReturnType<typeof format.linears.write> =>
    format.linears.write(
      { ...to, reads: reads[role] ?? null },
      `${prefix}${LINEAR_NAMES[role]}`,
      layer[role],
      shapes[role],
    )
  const ownNorm = async (name: string, values: Float32Array): Promise<WeightRef> =>
    norm ?? to.file.add(`${prefix}${name}`, 'float32', [spec.hidden], values)
  return {
    inputNorm: await ownNorm('input_norm', layer.inputNorm),
    qkv: await linear('qkv'),
    o: await linear('o'),
    postNorm: await ownNorm('post_norm', layer.postNorm),
    gateUp: await linear('gateUp'),
    down: await linear('down'),
  }
}

/** Writes a table of embeddings on pages of its own. */
export async function writeTable(
  file: WeightFile,
  kind: TableKind,
  table: Float32Array,
  shape: TableShape,
): Promise<StoredTable> {
  const { written, region } = await file.region(() => kind.write(file, table, shape))
  return { ...written, kind, region }
}

/** A norm that folded models share: ones [hidden]. */
export function writeOnes(file: TensorFile, hidden: number): Promise<WeightRef> {
  return file.add('norm', 'float32', [hidden], new Float32Array(hidden).fill(1))
}

/** Writes the tables of the rotary embedding, [positions, d / 2] each. */
export async function writeRotary(
  { layers: [{ attention }], maxPositions }: Pick<ModelSpec, 'layers' | 'maxPositions'>,
  file: TensorFile,
): Promise<{ cos: WeightRef; sin: WeightRef }> {
  const rope = attention.rope!
  const dims = [maxPositions, rope.dims / 2]
  const { cos, sin } = rotaryTables(rope, maxPositions)
  return {
    cos: await file.add('rotary.cos', 'float32', dims, cos),
    sin: await file.add('rotary.sin', 'float32', dims, sin),
  }
}
