/**
 * What every layer of one pass shares, computed once: the mask spread over heads, the rotary tables and, for several
 * sequences, the shapes that arrange rows as B equal groups.
 */
import type { IntegerType } from '../spec/manifest.js'
import type { AttentionSpec, ModelSpec } from '../spec/model-spec.js'
import type { Dim, GraphBuilder } from '../onnx/graph-builder.js'
import { sharedByKind, type LinearKind, type SharedByKind } from '../formats/linear.js'
import { partsOf, type Parts } from './attention.js'
import { MIDDLE } from '../onnx/integers.js'

/**
 * Names of the pass's own inputs and of what follows from them. N rows, B sequences of G rows each, S slots, r = heads
 * / kvHeads.
 */
export interface Pass {
  /** int64 [1, N]. */
  positions: string
  /** int64 [1, N, 2]: (slot, lane). */
  cacheIndex: string
  /** By window (null: none), bool [B * kv, G * r, S]; where attention is one operator [B, 1, G, S]. */
  sees: ReadonlyMap<number | null, string>
  /** Where V is cached as float32: bool [S, B * kv, 1], the slots that some row of their sequence sees. */
  live?: string
  /** Where V is cached as integers. */
  exact?: ExactShared
  /** What linear layers of one kind share. */
  shared: SharedByKind
  /** By `ropeKey`. */
  rotary: ReadonlyMap<string, Rotary>
  groups: Groups | null
  /** Where attention is one operator. */
  fused?: Fused
}

/** What layers need for attention as one operator (`fused-attention.ts`). */
export interface Fused {
  /** Whether values inside branches are float16, K and V among them. */
  half: boolean
  /** int64 [B, G] and [N], or null where all rows belong to one sequence. */
  arrangement: PassInputs['arrangement']
}

/** Tables of a rotary embedding, float32 [positions, dims / 2] each. */
export interface Rotary<T = string> {
  cos: T
  sin: T
}

/** What exact attention reads in every layer alike. */
export interface ExactShared {
  integers: IntegerType
  /** [S, 1] of ones, of type `integers`. */
  ones: string
  /** Null: heads are taken whole. */
  parts: Parts | null
  /** uint8 [B * kv, G * r, 1] of 128s: zero points of rows. */
  headMiddles: string
  /**
   * float32 [B * kv, G * r, 1]: 1 for rows at `FINE_FROM` and beyond, 0 for the others. `true`: all rows are fine.
   */
  fine?: string | true
}

/**
 * Rows from this position on have fine probabilities. SmolLM2's KL to fp32 at 8,192 tokens is no better with 256 or 512
 * in its place, and worse with 2,048.
 */
export const FINE_FROM = 1024

/** Whether a model has positions with fine probabilities. */
export function goesFar({ maxPositions }: Pick<ModelSpec, 'maxPositions'>): boolean {
  return maxPositions > FINE_FROM
}

/** Row arrangement for several sequences; without it the rows are those of one sequence. */
export interface Groups {
  /** int64 [B * G]: rows, sequence by sequence, padded to equal groups. */
  rows: string
  /** int64 [N]: where each row went. */
  back: string
  /** int64 shapes [B, -1, r, kv * p, d / p], [B * kv * p, -1, d / p] and [B, kv, -1, r, d]; p parts of a head. */
  apart: string
  stacked: string
  together: string
}

export interface PassInputs {
  positions: string
  cacheIndex: string
  /** bool [B, 1, G, S]. */
  mask: string
  /** int64 [B * G], or [B, G], and [N]; null where all rows belong to one sequence. */
  arrangement: { groupRows: string; ungroupRows: string } | null
  /** int64 [B, S], or null where no layer has a window. */
  slotPositions: string | null
  /** By `ropeKey`. */
  rotary: ReadonlyMap<string, Rotary>
}

/**
 * Declares the inputs that a pass has besides tokens and caches; `windows` as in `preparePass`, `groups`: the shape of
 * `group_rows`.
 */
export function passInputs(
  g: GraphBuilder,
  grouped: boolean,
  windows: readonly number[] = [],
  groups: readonly Dim[] = ['BG'],
): Omit<PassInputs, 'rotary'> {
  const inputs = {
    positions: g.input('position_ids', 'int64', [1, 'N']),
    cacheIndex: g.input('cache_index', 'int64', [1, 'N', 2]),
    mask: g.input('mask', 'bool', ['B', 1, 'G', 'S']),
  }
  const arrangement = grouped
    ? { groupRows: g.input('group_rows', 'int64', groups), ungroupRows: g.input('ungroup_rows', 'int64', ['N']) }
    : null
  const slotPositions = windows.length > 0 ? g.input('slot_positions', 'int64', ['B', 'S']) : null
  return { ...inputs, arrangement, slotPositions }
}

export interface PassOptions {
  /** The type that V is cached in; null: float32. */
  integers: IntegerType | null
  /** Which rows have fine probabilities: those at `FINE_FROM` and beyond, or all; none if left out. */
  fine?: 'far' | 'all'
  /** Widths that some layers see. */
  windows?: readonly number[]
  /** Of the pass's linear layers. */
  kinds: Iterable<LinearKind>
}

/** Computes what the layers share. */
export function preparePass(
  g: GraphBuilder,
  attention: AttentionSpec,
  inputs: PassInputs,
  { integers, fine: fineAt, windows = [], kinds }: PassOptions,
): Pass {
  const { heads, kvHeads } = attention
  const perKv = heads / kvHeads
  const int = (...values: number[]): string => g.constant('int64', values)
  const batch = g.op('Shape', [inputs.mask], { start: 0, end: 1 })
  const slots = g.op('Shape', [inputs.mask], { start: 3, end: 4 })
  const batchKv = g.op('Mul', [batch, int(kvHeads)])
  // [B, 1, G, S] -> [B, kv, G, r, S] -> [B * kv, G * r, S]
  const overHeads = (mask: string): string => {
    const spread = g.op('Expand', [g.op('Unsqueeze', [mask, int(3)]), int(1, kvHeads, 1, perKv, 1)])
    return g.op('Reshape', [spread, g.op('Concat', [batchKv, int(-1), slots], { axis: 0 })])
  }
  const sees = overHeads(inputs.mask)
  const near = windows.map((window): [number, string] => [window, overHeads(nearby(g, inputs, window))])
  const parts = integers === null ? 1 : partsOf(attention.headDim)
  const groups = inputs.arrangement === null ? null : arrange(g, attention, parts, inputs.arrangement, batch, batchKv)
  const fineOf = { far: () => fineRows(g, attention, inputs, batchKv), all: () => true as const }
  const fine = fineAt && integers !== null ? { fine: fineOf[fineAt]() } : {}
  const extra =
    integers === null
      ? { live: liveSlots(g, sees) }
      : { exact: { ...exactShared(g, integers, sees, slots, parts), ...fine } }
  return {
    positions: inputs.positions,
    cacheIndex: inputs.cacheIndex,
    rotary: inputs.rotary,
    sees: new Map<number | null, string>([[null, sees], ...near]),
    groups,
    ...extra,
    shared: sharedByKind(g, kinds, inputs.positions),
  }
}

/** Whether any row sees a slot: bool [B * kv, G * r, S] -> [S, B * kv, 1]. */
function liveSlots(g: GraphBuilder, sees: string): string {
  const any = g.op('ReduceMax', [sees, g.constant('int64', [1])], { keepdims: 1 })
  return g.op('Transpose', [any], { perm: [2, 0, 1] })
}

function exactShared(g: GraphBuilder, integers: IntegerType, sees: string, slots: string, parts: number): ExactShared {
  const one = g.constant('int64', [1])
  const spread = (value: string, ...dims: string[]): string =>
    g.op('Expand', [value, g.op('Concat', dims, { axis: 0 })])
  const middle = g.constant('uint8', [MIDDLE], [1, 1, 1])
  return {
    integers,
    ones: spread(g.constant(integers, [1], [1, 1]), slots, one),
    parts: parts === 1 ? null : { count: parts, shape: partsShape(g, sees, parts) },
    headMiddles: spread(middle, g.op('Shape', [sees], { start: 0, end: 2 }), one),
  }
}

/** [B * kv, G * r, S] -> the shape of scores of parts. */
function partsShape(g: GraphBuilder, sees: string, parts: number): string {
  const rows = g.op('Shape', [sees], { start: 1, end: 3 })
  return g.op('Concat', [g.constant('int64', [-1, parts]), rows], { axis: 0 })
}

/** Slots that the mask lets a row see and that lie fewer than `window` positions before it: bool [B, 1, G, S]. */
function nearby(g: GraphBuilder, inputs: PassInputs, window: number): string {
  const { positions, mask, slotPositions } = inputs
  const rows = byGroup(g, positions, inputs, 1)
  const distance = g.op('Sub', [rows, g.op('Unsqueeze', [slotPositions!, g.constant('int64', [1, 2])])])
  return g.op('And', [mask, g.op('Less', [distance, g.constant('int64', [window], [])])])
}

/** One value a row, [1, N], arranged like the mask's rows: [B, 1, G], and `axes` more axes of size 1. */
function byGroup(g: GraphBuilder, values: string, { mask, arrangement }: PassInputs, axes: number): string {
  const grouped = arrangement === null ? values : g.op('Gather', [values, arrangement.groupRows], { axis: 1 })
  const batch = g.op('Shape', [mask], { start: 0, end: 1 })
  const ones = Array.from({ length: axes }, () => 1)
  return g.op('Reshape', [grouped, g.op('Concat', [batch, g.constant('int64', [1, -1, ...ones])], { axis: 0 })])
}

/** [1, N] positions -> [B, 1, G, 1, 1] -> [B, kv, G, r, 1] -> [B * kv, G * r, 1], as `sees` is spread. */
function fineRows(g: GraphBuilder, { heads, kvHeads }: AttentionSpec, inputs: PassInputs, batchKv: string): string {
  const int = (...values: number[]): string => g.constant('int64', values)
  const flags = g.op('Cast', [g.op('GreaterOrEqual', [inputs.positions, g.constant('int64', [FINE_FROM], [])])], {
    to: 1,
  })
  const spread = g.op('Expand', [byGroup(g, flags, inputs, 2), int(1, kvHeads, 1, heads / kvHeads, 1)])
  return g.op('Reshape', [spread, g.op('Concat', [batchKv, int(-1, 1)], { axis: 0 })])
}

function arrange(
  g: GraphBuilder,
  { heads, kvHeads, headDim }: AttentionSpec,
  parts: number,
  inputs: { groupRows: string; ungroupRows: string },
  batch: string,
  batchKv: string,
): Groups {
  const perKv = heads / kvHeads
  const batchParts = parts === 1 ? batchKv : g.op('Mul', [batchKv, g.constant('int64', [parts])])
  const shape = (...parts: string[]): string => g.op('Concat', parts, { axis: 0 })
  return {
    rows: inputs.groupRows,
    back: inputs.ungroupRows,
    apart: shape(batch, g.constant('int64', [-1, perKv, kvHeads * parts, headDim / parts])),
    stacked: shape(batchParts, g.constant('int64', [-1, headDim / parts])),
    together: shape(batch, g.constant('int64', [kvHeads, -1, perKv, headDim])),
  }
}
