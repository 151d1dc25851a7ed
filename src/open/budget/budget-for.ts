/** What `memory` comes to for a target and its draft: the plan, and whether layers have to be streamed. */
import { InvalidArgumentError } from '../../spec/errors.js'
import { embeddedModel, streamedModel, type ImportedModel } from '../../import/index.js'
import { formatNamed, formatsThat } from '../../formats/index.js'
import { deviceAt } from '../../runtime/binding/device.js'
import type { ModelManifest } from '../../spec/manifest.js'
import { linearsOf } from '../../spec/model-spec.js'
import { bytesPerToken } from '../../runtime/kv/store.js'
import { forwardInfo } from '../open-model.js'
import type { MemoryPlan } from '../../api/types.js'
import { withDeviceLayers } from './device-layers.js'
import { totalBytes, type ModelSize } from './share-out.js'
import type { CheckedOptions } from '../check-options.js'

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
export async function budgetFor(
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
      `memory bounds models in formats ${formatsThat(({ streams }) => streams).join(' and ')}; this one is opened in ` +
        `${target.manifest.format}: leave format out, or memory`,
    )
  const { layerBytes } = parts.layout
  const { spec } = target.manifest
  const { linears, table } = formatNamed(target.manifest.format)
  const layer = linearsOf(spec.layers[0])
  const request = {
    budgetBytes: options.memory,
    target: {
      ...sizeOf(target.manifest, headBytes(target.manifest)),
      layerBytes,
      spreadBytes: layer.reduce((sum, shape) => sum + linears.spreadBytes(shape, options.device), 0),
    },
    draft: draft ? sizeOf(draft.manifest, await draftBytes(draft)) : null,
    maxContext: options.maxContext,
    maxBatch: options.maxBatch,
    kvBytes: options.kvBytes,
    extraBytes: (options.prefixCacheBytes ?? 0) + options.pastTokens * PAST_TOKEN_BYTES,
    usualBatch,
  }
  const plan = withDeviceLayers(request, options.deviceMemory, deviceHeadBytes(target.manifest))
  const left = plan.budgetBytes - totalBytes(plan.bytes)
  // In memory as a whole the embeddings count too; streamed they stay on disk. A device apart gets its layers one by
  // one, wherever they lie; and where a session keeps constant weights larger than they are stored, more would be taken
  // than is planned.
  const isStreamed =
    plan.residentLayers < spec.layers.length - plan.deviceLayers ||
    left < table.bytes(spec) - table.keptBytes(spec) ||
    deviceAt(options.address).isApart ||
    layer.some((shape) => linears.openedBytes(shape) > linears.bytes(shape))
  return {
    ...plan,
    isStreamed,
    bytesPerPass: (spec.layers.length - plan.deviceLayers - plan.residentLayers) * layerBytes,
  }
}

/** The head and the rotary tables as they lie on a device. */
function deviceHeadBytes({ format, spec, features, taps }: ModelManifest): number {
  const { linears } = formatNamed(format)
  const { vocab, hidden, maxPositions, layers } = spec
  const projected = (taps?.length ?? 0) * linears.bytes({ inputs: hidden, outputs: features.written })
  return linears.bytes({ inputs: hidden, outputs: vocab }) + projected + maxPositions * layers[0].attention.headDim * 4
}

function sizeOf(manifest: ModelManifest, fixedBytes: number): ModelSize {
  return {
    spec: manifest.spec,
    fixedBytes,
    kvBytesPerToken: bytesPerToken(forwardInfo(manifest).kv),
    featureWidth: manifest.features.written,
  }
}

/** The head, what stays in memory of the embeddings, and the rotary tables. */
function headBytes({ format, spec, features, taps }: ModelManifest): number {
  const { linears, table } = formatNamed(format)
  const { vocab, hidden, maxPositions, layers } = spec
  const head = linears.openedBytes({ inputs: hidden, outputs: vocab })
  const projected = (taps?.length ?? 0) * linears.openedBytes({ inputs: hidden, outputs: features.written })
  return head + projected + table.keptBytes(spec) + maxPositions * layers[0].attention.headDim * 4
}

/** All weights, but for a table of embeddings that stays on disk. */
async function draftBytes({ dir, manifest }: ImportedModel): Promise<number> {
  const embedded = await embeddedModel(dir, manifest, { grouped: false })
  return (
    weightBytes(manifest) - (embedded?.table.bytes ?? 0) + formatNamed(manifest.format).table.keptBytes(manifest.spec)
  )
}

/** Bytes of a model's files of weights. */
export function weightBytes({ files, checks }: ModelManifest): number {
  return files.weights.reduce((sum, name) => sum + checks[name].bytes, 0)
}
