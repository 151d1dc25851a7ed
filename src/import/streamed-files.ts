/** What a model is streamed by: the graphs of one layer and of the head, and where each layer's weights lie. */
import type { EmbeddingTable, StreamedLayout, TensorPlace } from '../runtime/streamed/layout.js'
import type { WeightRef } from '../onnx/graph-builder.js'
import { inputsOf, type LinearInputs } from '../formats/linear.js'
import type { StoredTable } from '../formats/table.js'
import { LINEAR_NAMES, ROLES, streamedHeadGraph, streamedLayerGraph, uploadGraph } from '../graph/streamed-graph.js'
import type { LayerWeights, ModelWeights } from '../graph/model-graph.js'
import type { ModelSpec } from '../spec/model-spec.js'
import type { Contents } from './import-files.js'

export interface StreamedFileOptions {
  /** With the output `hidden`. */
  hidden: boolean
  /** Whether layers may be copied to where they compute. */
  copies: boolean
}

export function streamedFiles(
  spec: ModelSpec,
  weights: ModelWeights,
  { hidden, copies }: StreamedFileOptions,
): Partial<Contents> {
  return {
    'streamed.layer': streamedLayerGraph(spec, weights, { grouped: true }),
    'streamed.singleLayer': streamedLayerGraph(spec, weights, { grouped: false }),
    'streamed.head': streamedHeadGraph(spec, weights, { hidden }),
    'streamed.layout': layoutOf(weights),
    ...(copies ? { 'streamed.upload': uploadGraph(weights) } : {}),
  }
}

function layoutOf({ layers, embedding, finalNorm, head, rotary, projection }: ModelWeights): StreamedLayout {
  const [first] = layers
  const small = [head, ...(projection?.linears ?? [])].flatMap(({ tensors }) => {
    const { weight: _, ...rest } = tensors
    return Object.values(rest)
  })
  return {
    layerBytes: first.region.bytes,
    tensors: layerInputs(first).flatMap(({ tensors }) =>
      tensors.map(({ ref, input }) => placeOf(ref, input, first.region.offset)),
    ),
    stepNames: layerInputs(first).flatMap(({ numbers }) => numbers.map(({ input }) => input)),
    layers: layers.map((layer) => ({
      offset: layer.region.offset,
      crc32: layer.region.crc32,
      steps: layerInputs(layer).flatMap(({ numbers }) => numbers.map(({ value }) => value)),
    })),
    embedding: tableOf(embedding),
    kept: {
      layer: [finalNorm, ...rotary.flatMap(({ cos, sin }) => [cos, sin])].map((ref) => placeOf(ref)),
      head: [finalNorm, ...small, ...(projection?.ones ? [projection.ones] : [])].map((ref) => placeOf(ref)),
    },
  }
}

function layerInputs(layer: LayerWeights): LinearInputs[] {
  return ROLES.map((role) => inputsOf(LINEAR_NAMES[role], layer[role]))
}

function placeOf({ name, type, dims, bytes, offset }: WeightRef, called = name, from = 0): TensorPlace {
  return { name: called, type, dims, at: offset - from, bytes }
}

/** Where a table of embeddings lies. */
export function tableOf({ rows, scale, region }: StoredTable): EmbeddingTable {
  return { rows: rows.offset, scale: scale?.offset ?? null, bytes: region.bytes, crc32: region.crc32 }
}
