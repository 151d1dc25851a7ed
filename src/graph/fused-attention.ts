/**
 * Attention as the one operator that devices have for it: `Attention` of ONNX 23, which takes a mask of any shape and
 * lets groups of query heads, in the checkpoint's order, share a K/V head. Caches lie lane by lane, [B, S, kv * d], so
 * that the operator reads them as they are. No shape is computed: such small operators would run beside the device.
 */
import { sharedByKind, type LinearKind } from '../formats/linear.js'
import type { GraphBuilder } from '../onnx/graph-builder.js'
import type { AttentionSpec } from '../spec/model-spec.js'
import { toHalf, type LayerCaches } from './branch.js'
import type { Pass, PassInputs } from './pass.js'

/** The version of the standard operators that has attention. */
export const FUSED_OPSET = 23
/** Shape of `group_rows`: rows of each sequence, padded to equal groups. */
export const GROUP_DIMS = ['B', 'G']

export interface FusedOptions {
  /** Whether values inside branches are float16. */
  half: boolean
  /** Widths that some layers see. */
  windows: readonly number[]
  kinds: Iterable<LinearKind>
}

/** What the layers of a pass share where attention is one operator. */
export function fusedPass(g: GraphBuilder, inputs: PassInputs, { half, windows, kinds }: FusedOptions): Pass {
  const near = windows.map((window): [number, string] => [window, nearby(g, inputs, window)])
  const rotary = [...inputs.rotary].map(([key, { cos, sin }]): [string, { cos: string; sin: string }] => [
    key,
    half ? { cos: toHalf(g, cos), sin: toHalf(g, sin) } : { cos, sin },
  ])
  return {
    positions: inputs.positions,
    cacheIndex: inputs.cacheIndex,
    sees: new Map<number | null, string>([[null, inputs.mask], ...near]),
    shared: sharedByKind(g, kinds, inputs.positions),
    rotary: new Map(rotary),
    groups: null,
    fused: { half, arrangement: inputs.arrangement },
  }
}

/** Slots that the mask lets a row see and that lie fewer than `window` positions before it: bool [B, 1, G, S]. */
function nearby(g: GraphBuilder, { positions, mask, slotPositions, arrangement }: PassInputs, window: number): string {
  const rows = arrangement === null ? positions : byLane(g, positions, arrangement.groupRows)
  const axes = (...of: number[]): string => g.constant('int64', of)
  const distance = g.op('Sub', [g.op('Unsqueeze', [rows, axes(1, 3)]), g.op('Unsqueeze', [slotPositions!, axes(1, 2)])])
  return g.op('And', [mask, g.op('Less', [distance, g.constant('int64', [window], [])])])
}

/**
 * Puts the rows' K and V into their slots and lets the rows attend over what the mask shows them. q [1, N, heads * d],
 * k and v [1, N, kv * d] to [1, N, heads * d].
 */
export function fusedAttention(
  g: GraphBuilder,
  { heads, kvHeads, headDim, scale, cap, window }: AttentionSpec,
  { cacheIndex, sees, fused }: Pass,
  caches: LayerCaches,
  { q, k, v }: Record<'q' | 'k' | 'v', string>,
): string {
  g.ops('ScatterND', [caches.k, cacheIndex, k], [caches.kOut])
  g.ops('ScatterND', [caches.v, cacheIndex, v], [caches.vOut])
  const arrangement = fused?.arrangement ?? null
  const queries = arrangement === null ? q : byLane(g, q, arrangement.groupRows)
  const mixed = g.op('Attention', [queries, caches.kOut, caches.vOut, sees.get(window)!], {
    q_num_heads: heads,
    kv_num_heads: kvHeads,
    scale: { float: scale },
    ...(cap === null ? {} : { softcap: { float: cap } }),
  })
  if (arrangement === null) return mixed
  const flat = g.op('Reshape', [mixed, g.constant('int64', [1, -1, heads * headDim])])
  return g.op('Gather', [flat, arrangement.ungroupRows], { axis: 1 })
}

/** Rows [1, N, ..] as [B, G, ..]. */
function byLane(g: GraphBuilder, rows: string, groupRows: string): string {
  return g.op('Squeeze', [g.op('Gather', [rows, groupRows], { axis: 1 }), g.constant('int64', [0])])
}
