/**
 * One layer's weights, fused and put into the graph's order: q, k, v side by side with query heads in the graph's
 * order, gate and up side by side. For W8A8 and fp16 also folded: norm weights go into the layers that read the norm,
 * everything that reads or writes the residual stream is rotated, and so is v within each head (arXiv 2404.00456,
 * section 4). Matrices stay [out, in], as checkpoints have them.
 */
import { headOrder, kvWidth, linearsOf, type LayerSpec } from '../spec/model-spec.js'
import type { Checkpoint } from '../checkpoint/checkpoint.js'
import { reorderRows, scaleColumns, stackRows, transpose } from '../common/matrix.js'
import { Rotation } from './rotation.js'

/** float32 [out, in] each; norms [hidden]. */
export interface FusedLayer {
  inputNorm: Float32Array
  qkv: Float32Array
  o: Float32Array
  postNorm: Float32Array
  gateUp: Float32Array
  down: Float32Array
}

/** Reads layer `index` and fuses it; fp32 results of a graph over it equal the checkpoint's. */
export async function readLayer(checkpoint: Pick<Checkpoint, 'spec' | 'read'>, index: number): Promise<FusedLayer> {
  const layer = checkpoint.spec.layers[index]
  const { headDim } = layer.attention
  const order = headOrder(layer.attention)
  const [, o] = linearsOf(layer)
  const read = (name: string): Promise<Float32Array> => checkpoint.read(`model.layers.${index}.${name}.weight`)
  const q = reorderRows(await read('self_attn.q_proj'), layer.hidden, headDim, order)
  const oByInput = transpose(await read('self_attn.o_proj'), o.outputs, o.inputs)
  return {
    inputNorm: await read('input_layernorm'),
    qkv: stackRows(q, await read('self_attn.k_proj'), await read('self_attn.v_proj')),
    o: transpose(reorderRows(oByInput, o.outputs, headDim, order), o.inputs, o.outputs),
    postNorm: await read('post_attention_layernorm'),
    gateUp: stackRows(await read('mlp.gate_proj'), await read('mlp.up_proj')),
    down: await read('mlp.down_proj'),
  }
}

/** Folds the norms and rotates, in place; the norms are left as ones. `rotation` is the residual stream's. */
export function foldLayer(layer: FusedLayer, spec: LayerSpec, rotation: Rotation): void {
  foldReader(layer.qkv, layer.inputNorm, rotation)
  foldReader(layer.gateUp, layer.postNorm, rotation)
  layer.inputNorm.fill(1)
  layer.postNorm.fill(1)
  const { hidden } = spec
  const heads = new Rotation(spec.attention.headDim)
  const v = layer.qkv.subarray(layer.qkv.length - kvWidth(spec) * hidden)
  v.set(rotateWriter(v, kvWidth(spec), heads))
  // Attention mixes tokens, not channels: what `o_proj` reads of a head is rotated as its v is.
  heads.apply(layer.o)
  layer.o = rotateWriter(layer.o, hidden, rotation)
  layer.down = rotateWriter(layer.down, hidden, rotation)
}

/**
 * A matrix [out, hidden] that reads the normalized stream: takes over the norm's weight and reads the rotated stream.
 */
export function foldReader(weights: Float32Array, norm: Float32Array, rotation: Rotation): void {
  scaleColumns(weights, norm)
  rotation.apply(weights)
}

/** A matrix [out, in] that writes vectors of the rotation's size, one or several side by side: writes them rotated. */
export function rotateWriter(weights: Float32Array, out: number, rotation: Rotation): Float32Array {
  const inputs = weights.length / out
  const byInput = transpose(weights, out, inputs)
  rotation.apply(byInput)
  return transpose(byInput, inputs, out)
}
