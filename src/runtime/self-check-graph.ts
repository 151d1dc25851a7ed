/** A one-layer ONNX graph with every integer matmul that the product's graphs use, for the start-up self-check. */
import protobuf from 'protobufjs/minimal.js'

/** Outputs of the check graph, all `activations [n, k] x weights [k, columns]`. */
export const PRODUCTS = {
  'unsigned activations, constant weights': { op: 'MatMulInteger', inputs: ['unsigned', 'weights'], isFloat: false },
  'unsigned activations, computed weights': { op: 'MatMulInteger', inputs: ['unsigned', 'computed'], isFloat: false },
  'unsigned activations, constant weights, scaled': { op: 'MatMulIntegerToFloat', inputs: ['unsigned', 'weights', 'one', 'one'], isFloat: true },
  'signed activations, constant weights': { op: 'MatMulInteger', inputs: ['signed', 'weights'], isFloat: false },
  'signed activations, constant weights, scaled': { op: 'MatMulIntegerToFloat', inputs: ['signed', 'weights', 'one', 'one'], isFloat: true },
} as const
export type Product = keyof typeof PRODUCTS

const FLOAT = 1
const UINT8 = 2
const INT8 = 3
const INT32 = 6

type Field = [id: number, value: number | string | Uint8Array]

/**
 * Inputs: `unsigned` uint8 [n, k], `signed` int8 [n, k], `computed` int8 [k, columns]; constant: the same `weights`
 * int8 [k, columns]. One output per product, named by its place in `PRODUCTS`, int32 or float32 [n, columns].
 */
export function checkGraph(weights: Int8Array, k: number, columns: number): Uint8Array {
  const nodes = Object.values(PRODUCTS).map(({ op, inputs }, index): Field => [1, message(
    ...inputs.map((name): Field => [1, name]), [2, `product${index}`], [4, op],
    [7, op === 'MatMulInteger' ? '' : 'com.microsoft'])])
  const outputs = Object.values(PRODUCTS).map(({ isFloat }, index): Field =>
    [12, valueInfo(`product${index}`, isFloat ? FLOAT : INT32, ['n', columns])])
  const graph = message(...nodes, [2, 'self-check'],
    [5, message([1, k], [1, columns], [2, INT8], [8, 'weights'], [9, new Uint8Array(weights.buffer, weights.byteOffset, weights.byteLength)])],
    [5, message([2, FLOAT], [8, 'one'], [9, new Uint8Array(Float32Array.of(1).buffer)])],
    [11, valueInfo('unsigned', UINT8, ['n', k])], [11, valueInfo('signed', INT8, ['n', k])], [11, valueInfo('computed', INT8, [k, columns])],
    ...outputs)
  return message([1, 10], [7, graph], [8, message([1, ''], [2, 21])], [8, message([1, 'com.microsoft'], [2, 1])])
}

function valueInfo(name: string, type: number, dims: readonly (number | string)[]): Uint8Array {
  const shape = message(...dims.map((dim): Field => [1, typeof dim === 'number' ? message([1, dim]) : message([2, dim])]))
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
