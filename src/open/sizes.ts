/** Budget stage: how long texts may be, how many decode together, and what both models' passes must have room for. */
import type { MemoryPlan, StreamedInfo } from '../api/types.js'
import { IN_MEMORY } from '../runtime/backend.js'
import { bytesPerToken } from '../runtime/kv/store.js'
import { InvalidArgumentError } from '../spec/errors.js'
import { budgetFor } from './budget/budget-for.js'
import { idleBytes } from './budget/idle-bytes.js'
import { forwardInfo, type OpenedModel, type RunnerSize } from './open-model.js'
import type { OpenedModels } from './open-models.js'
import type { CheckedOptions } from './options.js'

/** Most nodes of one tree, root included, and most levels below the root. */
const LIMITS = { maxNodes: 64, maxDepth: 12 }
/**
 * The same for models in a budget of memory, whose passes cost the more the less of them is in memory: deep trees then
 * pay.
 */
const MOST_DEPTH = 24
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
  const plan = await budgetFor(options, model, draftModel, USUAL_BATCH)
  const maxContext = plan?.maxContext ?? longest
  const tokenBytes = [model, draftModel].reduce(
    (sum, one) => sum + (one ? bytesPerToken(forwardInfo(one.manifest).kv) : 0),
    0,
  )
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
    },
    draft: { ...common, maxLogitRows: limits.maxRows, maxRows: plan?.draftRows },
    memory: plan && { ...plan, idleBytes: idleBytes() },
  }
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
