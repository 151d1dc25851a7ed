/** What a model is streamed by: the graphs of one layer and of the head, and where each layer's weights lie. */
import type { EmbeddingTable, StreamedLayout, TensorPlace } from '../runtime/streamed/layout.js'
import type { WeightRef } from '../onnx/graph-builder.js'
import { LINEARS, streamedHeadGraph, streamedLayerGraph, uploadGraph } from '../graph/streamed-graph.js'
import type { LayerWeights, LinearWeights, LlamaWeights } from '../graph/model-graph.js'
import type { ModelSpec } from '../spec/model-spec.js'
import type { Contents } from './import-files.js'

export function streamedFiles(spec: ModelSpec, weights: LlamaWeights, hidden: boolean): Partial<Contents> {
  return {
    'streamed.layer': streamedLayerGraph(spec, weights, { grouped: true }),
    'streamed.singleLayer': streamedLayerGraph(spec, weights, { grouped: false }),
    'streamed.head': streamedHeadGraph(spec, weights, { hidden }),
    'streamed.layout': layoutOf(weights),
    ...(weights.head.weight.type === 'float16' ? { 'streamed.upload': uploadGraph(weights) } : {}),
  }
}

function layoutOf({ layers, embedding, finalNorm, head, cos, sin }: LlamaWeights): StreamedLayout {
  const [first] = layers
  const { offset } = first.region!
  return {
    layerBytes: first.region!.bytes,
    tensors: linearsOf(first).flatMap(([name, { weight, scale }]) => [
      placeOf(weight, name, offset),
      ...(scale ? [placeOf(scale, `${name}.scale`, offset)] : []),
    ]),
    stepNames: linearsOf(first).flatMap(([name, { step }]) => (typeof step === 'number' ? [`${name}.step`] : [])),
    layers: layers.map((layer) => ({
      offset: layer.region!.offset,
      crc32: layer.region!.crc32,
      steps: linearsOf(layer).flatMap(([, { step }]) => (typeof step === 'number' ? [step] : [])),
    })),
    embedding: tableOf(embedding),
    kept: {
      layer: [finalNorm, cos, sin].map((ref) => placeOf(ref)),
      head: [finalNorm, ...(head.scale ? [head.scale] : [])].map((ref) => placeOf(ref)),
    },
  }
}

function placeOf({ name, type, dims, bytes, offset }: WeightRef, called = name, from = 0): TensorPlace {
  return { name: called, type, dims, at: offset - from, bytes }
}

/** Where a table of embeddings lies. */
export function tableOf({ rows, scale, region }: LlamaWeights['embedding']): EmbeddingTable {
  return { rows: rows.offset, scale: scale?.offset ?? null, bytes: region!.bytes, crc32: region!.crc32 }
}

function linearsOf(layer: LayerWeights): [name: string, weights: LinearWeights][] {
  return (Object.keys(LINEARS) as (keyof typeof LINEARS)[]).map((key) => [LINEARS[key], layer[key]])
}
