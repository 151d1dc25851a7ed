/** A one-layer ONNX graph with every integer matmul that the product's graphs use, for the start-up self-check. */
import protobuf from 'protobufjs/minimal.js'

/**
 * Outputs of the check graph: `activations - centre` [n, k] times weights [k, columns]; linear layers round around 128,
 * attention's shares around 0.
 */
export const PRODUCTS = {
  'constant weights': { inputs: ['activations', 'weights', 'one', 'one', 'middle', 'zero'], centre: 128 },
  'computed weights': { inputs: ['activations', 'computed', 'one', 'one', '', 'zero'], centre: 0 },
} as const
export type Product = keyof typeof PRODUCTS

const FLOAT = 1
const UINT8 = 2
const INT8 = 3

type Field = [id: number, value: number | string | Uint8Array]

/**
 * Inputs: `activations` uint8 [n, k], `computed` [k, columns]; constant: the same `weights` [k, columns] and the `zero`
 * they are stored around. One output per product, named by its place in `PRODUCTS`, float32 [n, columns].
 */
export function checkGraph(weights: Int8Array | Uint8Array, zero: number, k: number, columns: number): Uint8Array {
  const type = weights instanceof Int8Array ? INT8 : UINT8
  const nodes = Object.values(PRODUCTS).map(({ inputs }, index): Field => [
    1,
    message(
      ...inputs.map((name): Field => [1, name]),
      [2, `product${index}`],
      [4, 'MatMulIntegerToFloat'],
      [7, 'com.microsoft'],
    ),
  ])
  const outputs = Object.keys(PRODUCTS).map((_, index): Field => [
    12,
    valueInfo(`product${index}`, FLOAT, ['n', columns]),
  ])
  const graph = message(
    ...nodes,
    [2, 'self-check'],
    [
      5,
      message(
        [1, k],
        [1, columns],
        [2, type],
        [8, 'weights'],
        [9, new Uint8Array(weights.buffer, weights.byteOffset, weights.byteLength)],
      ),
    ],
    [5, message([2, FLOAT], [8, 'one'], [9, new Uint8Array(Float32Array.of(1).buffer)])],
    [5, message([2, UINT8], [8, 'middle'], [9, Uint8Array.of(128)])],
    [5, message([2, type], [8, 'zero'], [9, Uint8Array.of(zero)])],
    [11, valueInfo('activations', UINT8, ['n', k])],
    [11, valueInfo('computed', type, [k, columns])],
    ...outputs,
  )
  return message([1, 10], [7, graph], [8, message([1, ''], [2, 21])], [8, message([1, 'com.microsoft'], [2, 1])])
}

function valueInfo(name: string, type: number, dims: readonly (number | string)[]): Uint8Array {
  const shape = message(
    ...dims.map((dim): Field => [1, typeof dim === 'number' ? message([1, dim]) : message([2, dim])]),
  )
  return message([1, name], [2, message([1, message([1, type], [2, shape])])])
}

/** A protobuf message: numbers as varints, strings and bytes with their length. */
function message(...fields: Field[]): Uint8Array {
  const writer = protobuf.Writer.create()
  for (const [id, value] of fields) {
    if (typeof value === 'number') writer.uint32(id << 3).uint32(value)
    else if (typeof value === 'string') writer.uint32((id << 3) | 2).string(value)
    else writer.uint32((id << 3) | 2).bytes(value)
  }
  return writer.finish()
}
