/** Which files of an import a runtime opens, for several sequences (`grouped`) or one. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FINE_FROM } from '../graph/pass.js'
import type { GraphModel } from '../runtime/open-forward.js'
import type { EmbeddedModel, EmbeddingTable, StreamedLayout, StreamedModel } from '../runtime/streamed/layout.js'
import type { ModelManifest } from '../spec/manifest.js'

/** A model's folder and its manifest. */
export interface ImportedModel {
  dir: string
  manifest: ModelManifest
}

/** For which passes. */
export interface ForPasses {
  /** Whether of several sequences. */
  grouped: boolean
}

/** Weights are mapped: the graph, and the one for rows far into a text where there is one. */
export function graphsOf(
  { dir, manifest: { files } }: ImportedModel,
  { grouped }: ForPasses,
): Pick<GraphModel, 'graphPath' | 'long'> {
  const which = grouped ? 'graph' : 'single'
  return {
    graphPath: join(dir, files[which]),
    ...(files.long ? { long: { graphPath: join(dir, files.long[which]), from: FINE_FROM } } : {}),
  }
}

/** Weights are streamed layer by layer; null where the model's format cannot be. */
export async function streamedModel(
  dir: string,
  { files }: Pick<ModelManifest, 'files'>,
  { grouped }: ForPasses,
): Promise<StreamedModel | null> {
  if (!files.streamed) return null
  const { layer, singleLayer, head, layout, upload } = files.streamed
  return {
    layerGraph: join(dir, grouped ? layer : singleLayer),
    headGraph: join(dir, head),
    uploadGraph: upload && join(dir, upload),
    weights: join(dir, files.weights[0]),
    layout: await json<StreamedLayout>(join(dir, layout)),
  }
}

/** A draft's table of embeddings stays on disk; null where the model has no graphs for that. */
export async function embeddedModel(
  dir: string,
  { files }: Pick<ModelManifest, 'files'>,
  { grouped }: ForPasses,
): Promise<EmbeddedModel | null> {
  if (!files.embedded) return null
  const { graph, single, table } = files.embedded
  return {
    graphPath: join(dir, grouped ? graph : single),
    weights: join(dir, files.weights[0]),
    table: await json<EmbeddingTable>(join(dir, table)),
  }
}

async function json<T>(path: string): Promise<T> {
  return JSON.parse(await readFile(path, 'utf8')) as T
}
