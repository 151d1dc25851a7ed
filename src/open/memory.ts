/** What `memory` comes to for a target and its draft: the plan, and whether layers have to be streamed. */
import { InvalidArgumentError } from '../spec/errors.js'
import { embeddedModel, streamedModel, type ImportedModel } from '../import/index.js'
import type { ModelManifest } from '../spec/manifest.js'
import { bytesPerToken } from '../runtime/kv/store.js'
import { forwardInfo } from './open-model.js'
import type { MemoryPlan } from '../api/types.js'
import { planMemory, totalBytes, type ModelSize } from './memory-plan.js'
import type { CheckedOptions } from './options.js'

/** Bytes of one token of earlier answers. */
const PAST_TOKEN_BYTES = 16

export interface Memory extends MemoryPlan {
  isStreamed: boolean
  bytesPerPass: number
}

/**
 * Null where no budget was given. Throws `InvalidArgumentError` for a budget that is too small, and for formats that
 * cannot be streamed.
 */
export async function memoryFor(
  options: CheckedOptions,
  target: ImportedModel,
  draft: ImportedModel | null,
  usualBatch: number,
): Promise<Memory | null> {
  if (options.memory === undefined) return null
  const parts = await streamedModel(target.dir, target.manifest, { grouped: false })
  if (!parts)
    throw new InvalidArgumentError(
      'memory',
      `memory bounds models in formats w8a8 and fp16; this one is opened in ${target.manifest.format}: leave format out, or memory`,
    )
  const { layerBytes } = parts.layout
  const { spec } = target.manifest
  const plan = planMemory({
    budgetBytes: options.memory,
    target: {
      ...sizeOf(target.manifest, headBytes(target.manifest)),
      layerBytes,
      spreadBytes: spreadBytes(target.manifest, layerBytes, options),
    },
    draft: draft ? sizeOf(draft.manifest, await draftBytes(draft)) : null,
    maxContext: options.maxContext,
    maxBatch: options.maxBatch,
    kvBytes: options.kvBytes,
    extraBytes: (options.prefixCacheBytes ?? 0) + options.pastTokens * PAST_TOKEN_BYTES,
    usualBatch,
  })
  // In memory as a whole the embeddings count too; streamed they stay on disk.
  const left = plan.budgetBytes - totalBytes(plan.bytes)
  // A GPU's layers are copied to it one by one, wherever they lie; and a CPU that has halves in memory as a whole keeps
  // them as float32, which is twice what is planned.
  const isStreamed =
    target.manifest.format === 'fp16' || plan.residentLayers < spec.layers.length || left < spec.vocab * spec.hidden
  return { ...plan, isStreamed, bytesPerPass: (spec.layers.length - plan.residentLayers) * layerBytes }
}

function sizeOf(manifest: ModelManifest, fixedBytes: number): ModelSize {
  return {
    spec: manifest.spec,
    fixedBytes,
    kvBytesPerToken: bytesPerToken(forwardInfo(manifest).kv),
    keepsHidden: manifest.hidden !== null,
  }
}

/**
 * int8 weights with their steps, the embeddings' steps, and the rotary tables; of halves, the float32 weights that a
 * CPU makes of them.
 */
function headBytes({ format, spec: { vocab, hidden, maxPositions, layers } }: ModelManifest): number {
  return vocab * (hidden * (format === 'fp16' ? 4 : 1) + 8) + maxPositions * layers[0].attention.headDim * 4
}

/** A CPU multiplies halves as float32: a layer's weights are spread out while it computes. */
function spreadBytes({ format }: ModelManifest, layerBytes: number, { device }: CheckedOptions): number {
  return format === 'fp16' && device === 'cpu' ? 2 * layerBytes : 0
}

/** All weights, but for a table of embeddings that stays on disk. */
async function draftBytes({ dir, manifest }: ImportedModel): Promise<number> {
  const embedded = await embeddedModel(dir, manifest, { grouped: false })
  return weightBytes(manifest) - (embedded?.table.bytes ?? 0) + manifest.spec.vocab * 4
}

function weightBytes({ files, checks }: ModelManifest): number {
  return files.weights.reduce((sum, name) => sum + checks[name].bytes, 0)
}
