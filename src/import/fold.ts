/**
 * One layer's weights, fused and put into the graph's order: q, k, v side by side with query heads in the graph's
 * order, gate and up side by side. For W8A8 and fp16 also folded: norm weights go into the layers that read the norm,
 * everything that reads or writes the residual stream is rotated, and so is v within each head (arXiv 2404.00456,
 * section 4). Matrices stay [out, in], as checkpoints have them.
 */
import { MATRICES, NORMS } from '../architectures/index.js'
import {
  headOrder,
  kvWidth,
  linearsOf,
  type LayerSpec,
  type LinearRole,
  type LinearSpec,
  type NormPlace,
} from '../spec/model-spec.js'
import type { Checkpoint } from '../checkpoint/checkpoint.js'
import { reorderColumns, reorderRows, stackRows } from '../common/matrix.js'
import { Rotation } from './rotation.js'

/** float32 [out, in] each. */
export interface FusedLayer extends Record<LinearRole, Float32Array> {
  /** [hidden], for each norm that the layer has. */
  norms: Partial<Record<NormPlace, Float32Array>>
  /** [headDim], or [heads * headDim] in the graph's order and [kvHeads * headDim]. */
  qkNorms?: { q: Float32Array; k: Float32Array }
  /** [out]. */
  biases: Partial<Record<LinearRole, Float32Array>>
  /** [kvHeads * headDim], where a format gives V's channels steps of their own. */
  vSteps?: Float32Array
}

/**
 * Reads layer `index` and fuses it; fp32 results of a graph over it equal the checkpoint's. `ownOrder`: query heads
 * stay in the checkpoint's order.
 */
export async function readLayer(
  checkpoint: Pick<Checkpoint, 'spec' | 'read'>,
  index: number,
  ownOrder = false,
): Promise<FusedLayer> {
  const layer = checkpoint.spec.layers[index]
  const { heads, headDim, qkNorm } = layer.attention
  const order = ownOrder ? Array.from({ length: heads }, (_, head) => head) : headOrder(layer.attention)
  const read = (name: string): Promise<Float32Array> => checkpoint.read(`model.layers.${index}.${name}`)
  const fused = async ({ role }: LinearSpec, kind: 'weight' | 'bias'): Promise<Float32Array> => {
    const parts: Float32Array[] = []
    for (const name of MATRICES[role]) parts.push(await read(`${name}.${kind}`))
    if (role === 'qkv') parts[0] = reorderRows(parts[0], parts[0].length / (heads * headDim), headDim, order)
    return parts.length === 1 ? parts[0] : stackRows(...parts)
  }
  const matrices = {} as Record<LinearRole, Float32Array>
  const biases: FusedLayer['biases'] = {}
  for (const linear of linearsOf(layer)) {
    matrices[linear.role] = await fused(linear, 'weight')
    if (linear.bias) biases[linear.role] = await fused(linear, 'bias')
  }
  matrices.o = reorderColumns(matrices.o, headDim, order)
  const norms: FusedLayer['norms'] = {}
  for (const place of Object.keys(NORMS) as NormPlace[])
    if (layer.norms[place]) norms[place] = await read(`${NORMS[place]}.weight`)
  const fusedLayer = { ...matrices, norms, biases }
  if (qkNorm === null) return fusedLayer
  const [q, k] = [await read('self_attn.q_norm.weight'), await read('self_attn.k_norm.weight')]
  return { ...fusedLayer, qkNorms: { q: qkNorm.over === 'all' ? reorderRows(q, 1, headDim, order) : q, k } }
}

/**
 * Folds the norms and rotates, in place; the norms are left as ones. `rotation` is the residual stream's: matrices that
 * read the stream take over the norm's weight and read it rotated, those that write it write it rotated.
 */
export function foldLayer(layer: FusedLayer, spec: LayerSpec, rotation: Rotation): void {
  rotation.apply(layer.qkv, layer.norms.attention)
  rotation.apply(layer.gateUp, layer.norms.mlp)
  layer.norms.attention!.fill(1)
  layer.norms.mlp!.fill(1)
  const { hidden } = spec
  const heads = new Rotation(spec.attention.headDim)
  const v = layer.qkv.subarray(layer.qkv.length - kvWidth(spec) * hidden)
  heads.applyDown(v, hidden)
  // Attention mixes tokens, not channels: what `o_proj` reads of a head is rotated as its v is.
  heads.apply(layer.o)
  rotation.applyDown(layer.o, layer.o.length / hidden)
  rotation.applyDown(layer.down, layer.down.length / hidden)
  // A bias is what a linear layer writes for no input.
  const { qkv, o, down } = layer.biases
  if (qkv) heads.apply(qkv.subarray(qkv.length - kvWidth(spec)))
  if (o) rotation.apply(o)
  if (down) rotation.apply(down)
}
