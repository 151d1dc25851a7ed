/** The parts of a model that imports of models and of draft heads write alike. */
import type { LinearTarget, Reads, StoredLinear, TensorFile } from '../formats/linear.js'
import type { StoredTable, TableKind, TableShape } from '../formats/table.js'
import type { WeightFormat } from '../formats/weight-format.js'
import type { FeatureWeights } from '../graph/head.js'
import type { LayerWeights, ModelWeights } from '../graph/model-graph.js'
import type { Rotary } from '../graph/pass.js'
import { rotaryTables } from '../graph/rope.js'
import { LINEAR_NAMES } from '../graph/streamed-graph.js'
import type { WeightRef } from '../onnx/graph-builder.js'
import { byRole, ropesOf, type LayerSpec, type LinearRole, type ModelSpec, type NormPlace } from '../spec/model-spec.js'
import { stackRows } from '../common/matrix.js'
import type { FusedLayer } from './fold.js'
import { Rotation } from './rotation.js'
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

const NORM_NAMES: Record<NormPlace, string> = {
  attention: 'input_norm',
  afterAttention: 'after_attention_norm',
  mlp: 'post_norm',
  afterMlp: 'after_mlp_norm',
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
  const own = (name: string, values: Float32Array): Promise<WeightRef> =>
    to.file.add(`${prefix}${name}`, 'float32', [values.length], values)
  const norms: LayerWeights['norms'] = {}
  const biases: LayerWeights['biases'] = {}
  const writeNorm = async (place: NormPlace): Promise<void> => {
    const values = layer.norms[place]
    if (values) norms[place] = norm ?? (await own(NORM_NAMES[place], values))
  }
  const withBias = async (role: LinearRole): Promise<StoredLinear> => {
    const stored = await linear(role)
    const bias = layer.biases[role]
    if (bias) biases[role] = await own(`${LINEAR_NAMES[role]}.bias`, bias)
    return stored
  }
  await writeNorm('attention')
  const qkv = await withBias('qkv')
  const qkNorms = layer.qkNorms && {
    q: await own('q_norm', layer.qkNorms.q),
    k: await own('k_norm', layer.qkNorms.k),
  }
  const o = await withBias('o')
  await writeNorm('afterAttention')
  await writeNorm('mlp')
  const gateUp = await withBias('gateUp')
  const down = await withBias('down')
  await writeNorm('afterMlp')
  const { vSteps } = layer
  const queriesPerHead = spec.attention.heads / spec.attention.kvHeads
  const steps = vSteps && {
    cache: await own('v_steps', vSteps),
    heads: await own('head_steps', stackRows(...Array.from({ length: queriesPerHead }, () => vSteps))),
  }
  return { norms, qkv, qkNorms, o, gateUp, down, biases, vSteps: steps }
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

/** What turns features into the basis of models whose stream is rotated. */
export async function writeFeatures(file: TensorFile, hidden: number): Promise<FeatureWeights> {
  const rotation = Float32Array.from({ length: hidden * hidden }, (_, i) => (i % (hidden + 1) === 0 ? 1 : 0))
  new Rotation(hidden).apply(rotation)
  return {
    ones: await writeOnes(file, hidden),
    rotation: await file.add('features', 'float32', [hidden, hidden], rotation),
  }
}

/** Writes the tables of each rotary embedding, [positions, dims / 2] each. */
export async function writeRotary(
  spec: Pick<ModelSpec, 'layers' | 'maxPositions'>,
  file: TensorFile,
): Promise<Pick<ModelWeights, 'rotary'>> {
  const rotary: Rotary<WeightRef>[] = []
  for (const [i, rope] of ropesOf(spec).entries()) {
    const dims = [spec.maxPositions, rope.dims / 2]
    const { cos, sin } = rotaryTables(rope, spec.maxPositions)
    const name = i === 0 ? 'rotary' : `rotary${i}`
    rotary.push({
      cos: await file.add(`${name}.cos`, 'float32', dims, cos),
      sin: await file.add(`${name}.sin`, 'float32', dims, sin),
    })
  }
  return { rotary }
}
