/**
 * A two-layer toy model after the tree-capable graph's contract (two query heads per KV head, V int8 and exact
 * attention, or V float32), with weights from a fixed seed. Small enough to build in every test; not a model of
 * anything.
 */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GraphBuilder } from '../../src/onnx/graph-builder.js'
import type { ForwardInfo } from '../../src/runtime/forward.js'
import type { ElementType } from '../../src/runtime/kv/store.js'
import type { GraphModel } from '../../src/runtime/open-forward.js'

export const TOY: ForwardInfo = {
  vocab: 48,
  hidden: 32,
  features: { read: 0, written: 32 },
  kv: { k: 'float32', v: 'int8', rows: [16, 16] },
}
const KV_HEADS = 2
const HEAD_DIM = 8
const QUERIES_PER_HEAD = 2
const POSITIONS = 1200
const MASKED = -1e30

type VElement = Extract<ElementType, 'int8' | 'float32'>

/** Writes the graph into a new temporary folder. `grouped`: with the inputs that arrange rows by lane. */
export function writeToyGraph(v: VElement, grouped = true): GraphModel {
  const graphPath = join(mkdtempSync(join(tmpdir(), 'sequoia-toy-')), 'model.onnx')
  writeFileSync(graphPath, toyGraph(v, grouped))
  return { graphPath, info: { ...TOY, kv: { ...TOY.kv, v } } }
}

function toyGraph(v: VElement, grouped: boolean): Uint8Array {
  const { vocab, hidden } = TOY
  const layers = TOY.kv.rows.length
  const [kvHeads, headDim] = [KV_HEADS, HEAD_DIM]
  const row = kvHeads * headDim
  const queryRow = row * QUERIES_PER_HEAD
  const g = new GraphBuilder('toy')
  const ints = (...values: number[]): string => g.constant('int64', values)
  const random = noise(7)
  const weight = (rows: number, columns: number): string =>
    g.constant(
      'float32',
      Array.from({ length: rows * columns }, () => random() * Math.sqrt(3 / rows)),
      [rows, columns],
    )

  for (const name of ['input_ids', 'position_ids']) g.input(name, 'int64', [1, 'N'])
  g.input('cache_index', 'int64', [1, 'N', 2])
  g.input('mask', 'bool', ['B', 1, 'G', 'S'])
  g.input('logit_rows', 'int64', ['m'])
  if (grouped) {
    g.input('group_rows', 'int64', ['BG'])
    g.input('ungroup_rows', 'int64', ['N'])
  }
  const [lanes, , groups, slots] = [0, 1, 2, 3].map((axis) =>
    g.op('Slice', [g.op('Shape', ['mask']), ints(axis), ints(axis + 1)]),
  )
  const shape = (...parts: string[]): string => g.op('Concat', parts, { axis: 0 })
  const queryShape = shape(lanes, groups, ints(kvHeads, QUERIES_PER_HEAD, headDim))
  const stackedShape = shape(lanes, ints(kvHeads), g.op('Mul', [groups, ints(QUERIES_PER_HEAD)]), ints(headDim))
  const valueShape = shape(lanes, ints(kvHeads, QUERIES_PER_HEAD), groups, ints(headDim))
  const cacheShape = shape(slots, lanes, ints(kvHeads, headDim))
  const mask = g.op('Tile', ['mask', ints(1, 1, QUERIES_PER_HEAD, 1)])
  const arrange = (x: string, rows: string): string => (grouped ? g.op('Gather', [x, rows], { axis: 0 }) : x)

  const embed = (table: string, ids: string): string => g.op('Gather', [table, ids])
  let x = g.op('Add', [embed(weight(vocab, hidden), 'input_ids'), embed(weight(POSITIONS, hidden), 'position_ids')])
  for (let layer = 0; layer < layers; layer++) {
    const project = (columns: number): string => g.op('MatMul', [g.op('Tanh', [x]), weight(hidden, columns)])
    const cached = (kind: string, type: ElementType, rows: string): string => {
      g.input(`${kind}_cache.${layer}`, type, ['S', 'B', row])
      const out = g.op('ScatterND', [`${kind}_cache.${layer}`, 'cache_index', rows], {}, `${kind}_cache_out.${layer}`)
      g.output(out, type, ['S', 'B', row])
      return g.op('Reshape', [out, cacheShape])
    }
    const scale = g.constant('float32', [1 / 40], [])
    const zero = g.constant('int8', [0], [])
    const value = project(row)
    const keys = g.op('Transpose', [cached('k', 'float32', project(row))], { perm: [1, 2, 3, 0] })
    const values = g.op(
      'Transpose',
      [cached('v', v, v === 'int8' ? g.op('QuantizeLinear', [value, scale, zero]) : value)],
      { perm: [1, 2, 0, 3] },
    )
    const queries = g.op('Reshape', [
      arrange(g.op('Reshape', [project(queryRow), ints(-1, queryRow)]), 'group_rows'),
      queryShape,
    ])
    const stacked = g.op('Reshape', [g.op('Transpose', [queries], { perm: [0, 2, 3, 1, 4] }), stackedShape])
    const scores = g.op('Where', [mask, g.op('MatMul', [stacked, keys]), g.constant('float32', [MASKED], [])])
    const likely = g.op('Exp', [g.op('Sub', [scores, g.op('ReduceMax', [scores, ints(-1)])])])
    const attended = v === 'int8' ? exactAttention(g, likely, values, scale) : floatAttention(g, likely, values, mask)
    const back = g.op('Transpose', [g.op('Reshape', [attended, valueShape])], { perm: [0, 3, 1, 2, 4] })
    const mixed = g.op('MatMul', [
      arrange(g.op('Reshape', [back, ints(-1, queryRow)]), 'ungroup_rows'),
      weight(queryRow, hidden),
    ])
    x = g.op('Add', [x, g.op('Reshape', [mixed, ints(1, -1, hidden)])])
  }
  g.output(g.op('Identity', [x], {}, 'hidden'), 'float32', [1, 'N', hidden])
  const wanted = g.op('Gather', [g.op('Reshape', [x, ints(-1, hidden)]), 'logit_rows'], { axis: 0 })
  g.output(g.op('MatMul', [wanted, weight(hidden, vocab)], {}, 'logits'), 'float32', ['m', vocab])
  return g.encode()
}

function exactAttention(g: GraphBuilder, likely: string, values: string, scale: string): string {
  const shares = g.op('QuantizeLinear', [likely, g.constant('float32', [1 / 255], []), g.constant('uint8', [0], [])])
  const total = g.op('ReduceSum', [g.op('Cast', [shares], { to: 1 }), g.constant('int64', [-1])])
  const sum = g.op('Cast', [g.op('MatMulInteger', [shares, values])], { to: 1 })
  return g.op('Mul', [g.op('Div', [sum, total]), scale])
}

/** 0 x NaN is NaN, so a V row that nobody sees must not hold one: rows seen by nobody count as zero. */
function floatAttention(g: GraphBuilder, likely: string, values: string, mask: string): string {
  const seen = g.op('ReduceMax', [g.op('Cast', [mask], { to: 1 }), g.constant('int64', [2])], { keepdims: 0 })
  const isSeen = g.op('Cast', [g.op('Unsqueeze', [seen, g.constant('int64', [3])])], { to: 9 })
  const clean = g.op('Where', [isSeen, values, g.constant('float32', [0], [])])
  return g.op('Div', [g.op('MatMul', [likely, clean]), g.op('ReduceSum', [likely, g.constant('int64', [-1])])])
}

/** Numbers in (-1, 1) from a seed. */
function noise(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5) | 0
    return (state ^ (state >>> 13)) / 2 ** 31
  }
}
