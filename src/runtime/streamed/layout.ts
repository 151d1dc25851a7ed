/**
 * Where the weights of a model lie in its weight file, for who reads them layer by layer. All places are aligned for
 * direct reads.
 */
import type { TensorType } from '../tensor.js'

/** Reads that go past the page cache start and end on multiples of this. */
export const DIRECT_ALIGNMENT = 4096

export interface StreamedLayout {
  /** Bytes of one layer, a multiple of the alignment; all layers have the same shape. */
  layerBytes: number
  /** The layer graph's weight inputs; `at`: where in the layer's bytes. */
  tensors: TensorPlace[]
  /** The layer graph's inputs of static steps. */
  stepNames: string[]
  /** `crc32` is that of the layer's bytes; `steps` [stepNames]. */
  layers: { offset: number; crc32: number; steps: number[] }[]
  embedding: EmbeddingTable
  /** Small tensors of each graph that stay in memory; `at`: where in the file. */
  kept: { layer: TensorPlace[]; head: TensorPlace[] }
}

export interface TensorPlace {
  name: string
  type: TensorType
  dims: number[]
  at: number
  bytes: number
}

/**
 * int8 [vocab, hidden] and float32 [vocab, 1] from these offsets on, or float16 [vocab, hidden] alone; `bytes` of all
 * from `rows` on, with what lies between, have this `crc32`.
 */
export interface EmbeddingTable {
  rows: number
  scale: number | null
  bytes: number
  crc32: number
}

/** A graph that gets embeddings as rows, and the table that they are read from; paths are absolute. */
export interface EmbeddedModel {
  graphPath: string
  weights: string
  table: EmbeddingTable
}

/** A model cut into layers; paths are absolute. */
export interface StreamedModel {
  layerGraph: string
  headGraph: string
  /**
   * Copies a layer's weights to where they compute; only models that may compute elsewhere than where they are read to
   * have one.
   */
  uploadGraph?: string
  weights: string
  layout: StreamedLayout
}

/** What the head's graph calls the output of a layer (-1: the embeddings) that it reads. */
export const tapInput = (layer: number): string => `tap.${layer}`

/** The layers whose outputs a head reads, by the names of its inputs. */
export function tappedLayers(inputNames: readonly string[]): number[] {
  return inputNames.flatMap((name) => /^tap\.(-?\d+)$/.exec(name)?.[1] ?? []).map(Number)
}
