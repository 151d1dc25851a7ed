/** Weights of the fp32 graph: the checkpoint's own values, fused and laid out for the graph. */
import type { LlamaWeights, LayerWeights } from '../graph/model-graph.js'
import { rotaryTables } from '../graph/rope.js'
import { byRole, type ModelSpec } from '../spec/model-spec.js'
import type { Checkpoint } from '../checkpoint/checkpoint.js'
import { readLayer } from '../import/fold.js'
import { transpose } from '../common/matrix.js'
import type { WeightFile } from '../import/weight-file.js'

/** Writes all weights, one layer in memory at a time. */
export async function writeFp32(
  checkpoint: Checkpoint,
  file: WeightFile,
  onProgress: (line: string) => void,
): Promise<LlamaWeights> {
  const { spec } = checkpoint
  const { hidden, vocab } = spec
  const matrix = async (
    name: string,
    data: Float32Array,
    out: number,
    inputs: number,
  ): Promise<{ weight: LayerWeights['inputNorm'] }> => ({
    weight: await file.add(name, 'float32', [inputs, out], transpose(data, out, inputs)),
  })
  const layers: LayerWeights[] = []
  for (let i = 0; i < spec.layers.length; i++) {
    onProgress(`layer ${i + 1} of ${spec.layers.length}`)
    const layer = await readLayer(checkpoint, i)
    const linears = byRole(spec.layers[i], (linear) => [linear.outputs, linear.inputs] as const)
    layers.push({
      inputNorm: await file.add(`layer${i}.input_norm`, 'float32', [hidden], layer.inputNorm),
      qkv: await matrix(`layer${i}.qkv`, layer.qkv, ...linears.qkv),
      o: await matrix(`layer${i}.o`, layer.o, ...linears.o),
      postNorm: await file.add(`layer${i}.post_norm`, 'float32', [hidden], layer.postNorm),
      gateUp: await matrix(`layer${i}.gate_up`, layer.gateUp, ...linears.gateUp),
      down: await matrix(`layer${i}.down`, layer.down, ...linears.down),
    })
  }
  onProgress('embeddings and head')
  const rows = await file.add(
    'embedding',
    'float32',
    [vocab, hidden],
    await checkpoint.read('model.embed_tokens.weight'),
  )
  const finalNorm = await file.add('final_norm', 'float32', [hidden], await checkpoint.read('model.norm.weight'))
  const head = await matrix('head', await checkpoint.read(headName(checkpoint)), vocab, hidden)
  return { embedding: { rows }, layers, finalNorm, head, ...(await writeRotary(spec, file)) }
}

/** Tied models have no head of their own. */
export function headName(checkpoint: Checkpoint): string {
  return checkpoint.spec.tied ? 'model.embed_tokens.weight' : 'lm_head.weight'
}

export async function writeRotary(
  { layers: [{ attention }], maxPositions }: ModelSpec,
  file: WeightFile,
): Promise<Pick<LlamaWeights, 'cos' | 'sin'>> {
  const rope = attention.rope!
  const dims = [maxPositions, rope.dims / 2]
  const { cos, sin } = rotaryTables(rope, maxPositions)
  return {
    cos: await file.add('rotary.cos', 'float32', dims, cos),
    sin: await file.add('rotary.sin', 'float32', dims, sin),
  }
}
