/** What a W8A8 model is streamed by: the graphs of one layer and of the head, and where each layer's weights lie. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type {
  EmbeddedModel,
  EmbeddingTable,
  StreamedLayout,
  StreamedModel,
  TensorPlace,
} from '../runtime/streamed/layout.js'
import type { WeightRef } from '../onnx/graph-builder.js'
import { LINEARS, streamedHeadGraph, streamedLayerGraph, uploadGraph } from '../graph/streamed-graph.js'
import type { LayerWeights, LinearWeights, LlamaWeights } from '../graph/model-graph.js'
import type { LlamaConfig, ModelManifest } from '../spec/manifest.js'
import type { SmallFiles } from './import-folder.js'

export function streamedFiles(
  config: LlamaConfig,
  weights: LlamaWeights,
  hidden: boolean,
): NonNullable<SmallFiles['streamed']> {
  return {
    layer: streamedLayerGraph(config, weights, { grouped: true }),
    singleLayer: streamedLayerGraph(config, weights, { grouped: false }),
    head: streamedHeadGraph(config, weights, { hidden }),
    ...(weights.head.weight.type === 'float16' ? { upload: uploadGraph(weights) } : {}),
    layout: layoutOf(weights),
  }
}

/**
 * An imported model's parts for streaming, for several sequences (`grouped`) or one; null where it was imported
 * without.
 */
export async function streamedModel(
  dir: string,
  { files }: Pick<ModelManifest, 'files'>,
  { grouped }: { grouped: boolean },
): Promise<StreamedModel | null> {
  if (!files.streamed) return null
  const { layer, singleLayer, head, layout, upload } = files.streamed
  return {
    layerGraph: join(dir, grouped ? layer : singleLayer),
    headGraph: join(dir, head),
    uploadGraph: upload && join(dir, upload),
    weights: join(dir, files.weights[0]),
    layout: JSON.parse(await readFile(join(dir, layout), 'utf8')) as StreamedLayout,
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

/** An imported draft's graphs without their table of embeddings, and the table; null for one without such graphs. */
export async function embeddedModel(
  dir: string,
  { files }: Pick<ModelManifest, 'files'>,
  { grouped }: { grouped: boolean },
): Promise<EmbeddedModel | null> {
  if (!files.embedded) return null
  const { graph, single, table } = files.embedded
  return {
    graphPath: join(dir, grouped ? graph : single),
    weights: join(dir, files.weights[0]),
    table: JSON.parse(await readFile(join(dir, table), 'utf8')) as EmbeddingTable,
  }
}

function linearsOf(layer: LayerWeights): [name: string, weights: LinearWeights][] {
  return (Object.keys(LINEARS) as (keyof typeof LINEARS)[]).map((key) => [LINEARS[key], layer[key]])
}
