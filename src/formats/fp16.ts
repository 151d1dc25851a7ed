/**
 * Weights of the fp16 graph: folded and rotated as for W8A8, so that drafters read the same features of both and one
 * norm serves all layers, then rounded to halves.
 */
import { float32ToFloat16 } from '../common/half.js'
import type { LayerWeights, LinearWeights, LlamaWeights } from '../graph/model-graph.js'
import type { Checkpoint } from '../checkpoint/checkpoint.js'
import { foldLayer, foldReader, readLayer, type FusedLayer } from '../import/fold.js'
import { headName, writeRotary } from './fp32.js'
import { transpose } from '../common/matrix.js'
import { Rotation } from '../import/rotation.js'
import type { WeightFile } from '../import/weight-file.js'

/** Writes all weights, one layer in memory at a time. */
export async function writeFp16(
  checkpoint: Checkpoint,
  file: WeightFile,
  onProgress: (line: string) => void,
): Promise<LlamaWeights> {
  const { spec } = checkpoint
  const { hidden, vocab } = spec
  const rotation = new Rotation(hidden)
  const finalNorm = await file.add('norm', 'float32', [hidden], new Float32Array(hidden).fill(1))
  onProgress('embeddings')
  const table = await checkpoint.read('model.embed_tokens.weight')
  rotation.apply(table)
  const embedding = await file.region(() => file.add('embedding', 'float16', [vocab, hidden], float32ToFloat16(table)))
  const layers: LayerWeights[] = []
  for (let i = 0; i < spec.layers.length; i++) {
    onProgress(`layer ${i + 1} of ${spec.layers.length}`)
    const layer = await readLayer(checkpoint, i)
    foldLayer(layer, spec.layers[i], rotation)
    const { written, region } = await file.region(() => writeLayer(file, `layer${i}`, layer, hidden))
    layers.push({ inputNorm: finalNorm, postNorm: finalNorm, ...written, region })
  }
  onProgress('head')
  const matrix = await checkpoint.read(headName(checkpoint))
  foldReader(matrix, await checkpoint.read('model.norm.weight'), rotation)
  const head = await writeLinear(file, 'head', matrix, hidden)
  return {
    embedding: { rows: embedding.written, region: embedding.region },
    layers,
    finalNorm,
    head,
    ...(await writeRotary(spec, file)),
  }
}

async function writeLayer(
  file: WeightFile,
  name: string,
  { qkv, o, gateUp, down }: FusedLayer,
  hidden: number,
): Promise<Pick<LayerWeights, 'qkv' | 'o' | 'gateUp' | 'down'>> {
  return {
    qkv: await writeLinear(file, `${name}.qkv`, qkv, hidden),
    o: await writeLinear(file, `${name}.o`, o, o.length / hidden),
    gateUp: await writeLinear(file, `${name}.gate_up`, gateUp, hidden),
    down: await writeLinear(file, `${name}.down`, down, down.length / hidden),
  }
}

/** Writes a linear layer [out, inputs] in the graph's layout. */
async function writeLinear(
  file: WeightFile,
  name: string,
  weights: Float32Array,
  inputs: number,
): Promise<LinearWeights> {
  const out = weights.length / inputs
  return { weight: await file.add(name, 'float16', [inputs, out], float32ToFloat16(transpose(weights, out, inputs))) }
}
