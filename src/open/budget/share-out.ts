/**
 * Shares a budget of memory out: what every pass needs comes first (head, draft, buffers), then room for texts and
 * trees, and the rest keeps layers in memory. All sizes are upper bounds of what the process takes beyond its idle
 * self.
 */
import { InvalidArgumentError } from '../../spec/errors.js'
import type { MemoryPlan } from '../../api/types.js'
import type { ModelSpec } from '../../spec/model-spec.js'
import { roundUpSlots, SLOT_BLOCK } from '../../runtime/kv/store.js'
import { BUFFERS } from '../../runtime/streamed/layer-stream.js'
import { sizeText } from './size-text.js'

/** What of a model counts. */
export interface ModelSize {
  spec: ModelSpec
  /** Of its weights that are in memory whatever happens. */
  fixedBytes: number
  kvBytesPerToken: number
  /** Numbers that are kept of each row for a draft; 0: none. */
  featureWidth: number
}

export interface MemoryRequest {
  budgetBytes: number
  /** `fixedBytes` without its layers; `spreadBytes`: what a layer takes besides while it computes. */
  target: ModelSize & { layerBytes: number; spreadBytes: number }
  draft: ModelSize | null
  maxContext?: number
  maxBatch?: number
  kvBytes?: number
  /** Bytes asked for besides: prefix cache, kept answers. */
  extraBytes: number
  usualBatch: number
  /** Layers that a device keeps, which take nothing here; none if left out. */
  deviceLayers?: number
}

const TREE_SIZES = [512, 384, 256, 192, 128, 96, 64, 48, 32, 24, 16, 8]
const PASS_SIZES = [768, ...TREE_SIZES]
/** Rows of a prompt that have room beside trees. */
const LEAST_BESIDE = 8
/**
 * Shares of the budget that trees' logits and activations, passes of many rows, and K/V rows take where nobody says
 * what they should.
 */
const TREE_SHARE = 0.15
const PASS_SHARE = 0.05
const KV_SHARE = 0.15
/** Shortest context that is any use where none is asked for. */
const LEAST_CONTEXT = 256
/** Sessions' own structures, stacks of their threads, the JavaScript heap's growth under load. */
const OVERHEAD_BYTES = 16e6
/** ONNX Runtime's arena keeps up to so many times what is alive in it at a time. */
const ARENA_FACTOR = 2

/** Throws `InvalidArgumentError` naming the least budget that would do. */
export function shareOut(request: MemoryRequest): MemoryPlan {
  const { budgetBytes, target, draft, extraBytes, deviceLayers = 0 } = request
  const { maxPositions } = target.spec
  const layers = target.spec.layers.length - deviceLayers
  const cellBytes = [target, ...(draft ? [draft] : [])].reduce(
    (sum, { kvBytesPerToken, featureWidth }) => sum + kvBytesPerToken + 4 * featureWidth,
    0,
  )
  const fewest = TREE_SIZES[TREE_SIZES.length - 1]
  const leastContext = request.maxContext ?? Math.min(LEAST_CONTEXT, maxPositions)
  const slotsOf = (context: number, nodes: number): number => roundUpSlots(context + nodes)
  const wantedBytes = Math.min(
    request.kvBytes ?? KV_SHARE * budgetBytes,
    slotsOf(request.maxContext ?? maxPositions, TREE_SIZES[0]) * (request.maxBatch ?? request.usualBatch) * cellBytes,
  )

  const cellsFor = (nodes: number, kvBytes: number): number =>
    Math.max(slotsOf(leastContext, nodes), Math.floor(kvBytes / cellBytes / SLOT_BLOCK) * SLOT_BLOCK)

  /** Passes have no more rows than they must where `isTight`. */
  const planned = (nodes: number, kvBytes: number, isTight = false): MemoryPlan => {
    const cells = cellsFor(nodes, kvBytes)
    const maxContext = Math.min(request.maxContext ?? maxPositions, cells - nodes)
    const least = nodes + LEAST_BESIDE
    const streamBytes = Math.min(BUFFERS, layers) * target.layerBytes
    const passRows =
      (isTight
        ? null
        : PASS_SIZES.find(
            (size) => size >= least && activationBytes(target.spec, size, cells) <= PASS_SHARE * budgetBytes,
          )) ?? least
    const bytes = {
      head: target.fixedBytes,
      draft: draft?.fixedBytes ?? 0,
      kv: cells * cellBytes,
      buffers:
        treeBytes(request, nodes, [passRows, least], cells) +
        streamBytes +
        ARENA_FACTOR * target.spreadBytes +
        OVERHEAD_BYTES,
      extra: extraBytes,
      layers: 0,
    }
    const left = budgetBytes - totalBytes(bytes)
    // Once all layers are in memory there is nothing to read into.
    const all = left + streamBytes >= layers * target.layerBytes
    const residentLayers = all ? layers : Math.min(layers - 1, Math.floor(left / target.layerBytes))
    bytes.layers = Math.max(0, residentLayers) * target.layerBytes
    if (all) bytes.buffers -= streamBytes
    return {
      budgetBytes,
      residentLayers,
      layers: layers + deviceLayers,
      deviceLayers,
      maxNodes: nodes,
      passRows,
      draftRows: least,
      cells,
      maxContext,
      maxBatch: request.maxBatch ?? request.usualBatch,
      bytes,
    }
  }

  const sizes = TREE_SIZES.filter(
    (nodes) =>
      nodes === fewest ||
      treeBytes(request, nodes, [nodes + LEAST_BESIDE, nodes + LEAST_BESIDE], cellsFor(nodes, wantedBytes)) <=
        TREE_SHARE * budgetBytes,
  )
  for (const nodes of sizes) {
    const plan = planned(nodes, wantedBytes)
    if (plan.residentLayers >= 0) return plan
    const smaller = planned(nodes, plan.bytes.kv + plan.residentLayers * target.layerBytes)
    if (smaller.residentLayers >= 0) return smaller
  }
  const tightest = planned(fewest, 0, true)
  if (tightest.residentLayers >= 0) return tightest
  const least = totalBytes({ ...tightest.bytes, layers: 0 })
  throw new InvalidArgumentError(
    'memory',
    `memory ${sizeText(budgetBytes)} is too little for the head, ${draft ? 'the draft, ' : ''}one request of ` +
      `${leastContext} tokens and the buffers that layers are read into; ` +
      `give at least ${sizeText(Math.ceil(least / 1e5) * 1e5)}`,
  )
}

/** What the parts of a plan come to. */
export function totalBytes(bytes: MemoryPlan['bytes']): number {
  return Object.values(bytes).reduce((sum, part) => sum + part, 0)
}

/** Logits, masks and activations of both models' passes. */
function treeBytes(
  { target, draft }: MemoryRequest,
  nodes: number,
  passRows: readonly [target: number, draft: number],
  cells: number,
): number {
  return [target, ...(draft ? [draft] : [])].reduce((sum, { spec, featureWidth }, i) => {
    // A feature draft spreads a reduced vocabulary over the whole one, which takes the logits' room once more.
    const logits = nodes * spec.vocab * 4 * (featureWidth > 0 && spec.layers.length === 1 ? 2 : 1)
    const masks = 3 * (passRows[i] + nodes) * cells
    const rows = passRows[i] * 4 * (3 * spec.hidden + featureWidth)
    return sum + logits + masks + rows + activationBytes(spec, passRows[i], cells)
  }, 0)
}

/**
 * What one layer's pass of `rows` rows over `cells` slots has alive at a time, as the arena keeps it: scores before and
 * after masking, or gate and up before and after they are parted.
 */
export function activationBytes({ hidden, layers }: ModelSpec, rows: number, cells: number): number {
  const branch = Math.max(...layers.map(({ attention, mlp }) => Math.max(2.5 * attention.heads * cells, 4 * mlp.inner)))
  return ARENA_FACTOR * 4 * rows * (branch + 4 * hidden)
}
