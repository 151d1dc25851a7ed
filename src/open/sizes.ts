/** Budget stage: how long texts may be, how many decode together, and what both models' passes must have room for. */
import type { MemoryPlan, StreamedInfo } from '../api/types.js'
import { IN_MEMORY, ON_DEVICE } from '../runtime/backend.js'
import { deviceAt } from '../runtime/binding/device.js'
import { bytesPerToken } from '../runtime/kv/store.js'
import { InvalidArgumentError } from '../spec/errors.js'
import type { ModelManifest } from '../spec/manifest.js'
import { budgetFor, weightBytes } from './budget/budget-for.js'
import { deviceRoom } from './budget/device-room.js'
import { idleBytes } from './budget/idle-bytes.js'
import { forwardInfo, type OpenedModel, type RunnerSize } from './open-model.js'
import type { OpenedModels } from './open-models.js'
import type { CheckedOptions } from './check-options.js'

/** Most nodes of one tree, root included, and most levels below the root. */
const LIMITS = { maxNodes: 64, maxDepth: 12 }
/**
 * The same for models in a budget of memory, whose passes cost the more the less of them is in memory: deep trees then
 * pay.
 */
const MOST_DEPTH = 24
/** Nodes of one tree on a device that takes many rows for the time of one: of a single request, and of several. */
const DEVICE_NODES = { alone: 512, shared: 128 }
/** Logits of all trees of a step, as they come back from a device, take at most so many bytes of memory. */
const LOGIT_BYTES = 128e6
/** Numbers of rows that passes on a device have. */
const WIDTHS = [16, 64, 128, 256, 512]
/** The same of a draft's passes there, whose levels are narrow. */
const DRAFT_WIDTHS = [1, 4, 16, 64, 128, 256, 512]
/** What is left of a device's free memory to others. */
const DEVICE_SHARE = 0.9
/** Requests that decode together where nobody says how many. */
const USUAL_BATCH = 8
/** Most nodes of all trees of a step together. */
const MAX_ROWS = 128

export interface EngineSizes {
  /** Tokens of a prompt and its answer. */
  maxContext: number
  /** Requests that decode together. */
  maxBatch: number
  /** Of trees: nodes and levels of one, nodes of all of a step. */
  limits: { maxNodes: number; maxDepth: number; maxRows: number }
  target: RunnerSize
  draft: RunnerSize
  /** How a budget of memory is shared out; null where none was given. */
  memory: (MemoryPlan & StreamedInfo) | null
}

/** Throws `InvalidArgumentError` naming the option that asks for more than there is. */
export async function sizesFor(options: CheckedOptions, { model, draftModel }: OpenedModels): Promise<EngineSizes> {
  const longest = contextOf(options, model)
  if (options.isWhole) return deviceSizes(options, model, draftModel, longest)
  const plan = await budgetFor(options, model, draftModel, USUAL_BATCH)
  const maxContext = plan?.maxContext ?? longest
  const tokenBytes = tokenBytesOf([model, ...(draftModel ? [draftModel] : [])])
  const maxBatch = plan?.maxBatch ?? batchOf(options, maxContext + LIMITS.maxNodes, tokenBytes)
  const limits = plan
    ? { maxNodes: plan.maxNodes, maxDepth: MOST_DEPTH, maxRows: plan.maxNodes }
    : { ...LIMITS, maxRows: maxBatch > 1 ? MAX_ROWS : LIMITS.maxNodes }
  const common = { maxSlots: maxContext + limits.maxNodes, maxLanes: maxBatch, cells: plan?.cells }
  return {
    maxContext,
    maxBatch,
    limits,
    target: {
      ...common,
      maxLogitRows: limits.maxRows + (plan ? 0 : IN_MEMORY.rowsPerPass),
      maxRows: plan?.passRows,
      residentLayers: plan?.isStreamed ? plan.residentLayers : undefined,
      deviceLayers: plan?.deviceLayers,
    },
    draft: { ...common, maxLogitRows: limits.maxRows, maxRows: plan?.draftRows },
    memory: plan && { ...plan, idleBytes: idleBytes() },
  }
}

interface WithManifest {
  manifest: ModelManifest
}

/** Of models that a device holds as a whole. */
async function deviceSizes(
  options: CheckedOptions,
  model: OpenedModel,
  draft: WithManifest | null,
  longest: number,
): Promise<EngineSizes> {
  const held = [model, ...(draft?.manifest.device ? [draft] : [])]
  const { vocab, hidden, layers, maxPositions } = model.manifest.spec
  const most = Math.max(LIMITS.maxNodes, Math.floor(LOGIT_BYTES / (4 * vocab)))
  // A pass has no more rows than the model knows positions.
  const maxRows = Math.min(DEVICE_NODES.alone, most, Math.max(1, maxPositions >> 1))
  const tokenBytes = tokenBytesOf(held)
  const asked = options.kvBytes === undefined ? options.maxBatch : batchOf(options, longest + maxRows, tokenBytes)
  const free = options.deviceMemory ?? (await deviceAt(options.address).freeBytes())
  const { maxContext, maxBatch } = deviceRoom({
    roomBytes: free === null ? null : (options.deviceMemory ?? DEVICE_SHARE * free),
    weightBytes: held.reduce((sum, { manifest }) => sum + weightBytes(manifest), 0),
    tokenBytes,
    // Logits, what one MLP has alive, and attention's scores of all rows; logits and masks of replayed passes besides.
    passBytes:
      (options.cudaGraphs ? 2 * maxRows * (4 * vocab + 2 * longest) : 0) +
      maxRows *
        (8 * vocab +
          16 * hidden +
          Math.max(...layers.map(({ mlp, attention }) => 8 * mlp.inner + 8 * attention.heads * longest))),
    treeSlots: maxRows,
    longest,
    usualBatch: USUAL_BATCH,
    maxContext: options.maxContext,
    maxBatch: asked,
  })
  const maxNodes = Math.min(maxBatch > 1 ? DEVICE_NODES.shared : DEVICE_NODES.alone, maxRows)
  const common = { maxSlots: maxContext + maxNodes, maxLanes: maxBatch }
  const passRows = Math.min(maxRows + ON_DEVICE.rowsPerPass, maxPositions)
  const draftWidths = DRAFT_WIDTHS.filter((width) => width <= maxPositions)
  return {
    maxContext,
    maxBatch,
    limits: { maxNodes, maxDepth: MOST_DEPTH, maxRows },
    target: {
      ...common,
      maxLogitRows: passRows,
      widths: [...WIDTHS.filter((width) => width < passRows), passRows],
    },
    draft: { ...common, maxLogitRows: maxRows, widths: draft?.manifest.device && draftWidths },
    memory: null,
  }
}

/** Bytes of K and V that one token takes in all models together. */
function tokenBytesOf(models: readonly WithManifest[]): number {
  return models.reduce((sum, { manifest }) => sum + bytesPerToken(forwardInfo(manifest).kv), 0)
}

/** Requests that may decode together: each has room for the longest text there may be. */
function batchOf({ maxBatch, kvBytes, maxContext }: CheckedOptions, slots: number, tokenBytes: number): number {
  if (kvBytes === undefined) return maxBatch ?? USUAL_BATCH
  const most = Math.floor(kvBytes / (slots * tokenBytes))
  const wanted = maxBatch ?? Math.min(USUAL_BATCH, most)
  if (wanted >= 1 && wanted <= most) return wanted
  const isGiven = maxContext !== undefined && maxBatch !== undefined
  const least = Math.max(1, wanted) * slots * tokenBytes
  throw new InvalidArgumentError(
    'kvBytes',
    `kvBytes ${kvBytes} is too little for ${Math.max(1, wanted)} request(s) of ${slots} tokens ` +
      `at ${tokenBytes} bytes each; give ${least}, or less ${isGiven ? 'maxContext or maxBatch' : 'maxContext'}`,
  )
}

function contextOf(options: CheckedOptions, model: OpenedModel): number {
  const trained = model.manifest.spec.maxPositions
  if (options.maxContext !== undefined && options.maxContext > trained) {
    throw new InvalidArgumentError(
      'maxContext',
      `maxContext ${options.maxContext} is beyond what model "${model.manifest.name}" was trained for, ` +
        `${trained} tokens`,
    )
  }
  return options.maxContext ?? trained
}
