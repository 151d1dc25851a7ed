/**
 * The start-up check of this CPU's integer arithmetic. Bit-exact decoding rests on integer matmuls being exact; CPUs without
 * VNNI add pairs of u8 x s8 products in 16 bits and saturate, which only weights of 7 bits avoid.
 */
import { RuntimeError } from '../errors.js'
import { checkGraph, PRODUCTS, type Product } from './self-check-graph.js'

export interface IntegerCheck {
  /** Every product equals its int32 reference: W8A8 decoding is bit-exact on this machine. */
  isExact: boolean
  /** It does when weights stay within -63 .. 63. */
  isExactWith7BitWeights: boolean
  /** What was wrong with 8-bit weights: which product, at which shape. */
  failures: string[]
}

/** Inputs of one run: `activations` [n, k] and `computed` [k, columns]. */
export interface CheckInputs {
  activations: Uint8Array
  computed: Int8Array
  n: number
  k: number
  columns: number
}

/** One run of the check graph; gives each product, [n, columns]. */
export type CheckRun = (graph: Uint8Array, inputs: CheckInputs) => Promise<Record<Product, ArrayLike<number>>>

/** Inner sizes: a hidden size, a longer odd one (tail handling) and a head size. */
const INNER = [576, 1037, 64]
const ROWS = [1, 2, 5, 16]
const COLUMNS = 40

/** Compares integer matmuls on extreme values with an int32 reference. Takes some tens of milliseconds. Throws `RuntimeError`. */
export async function checkIntegerMatmul(run: CheckRun = runHere): Promise<IntegerCheck> {
  const failures = await failuresWith(127, run)
  const isExact = failures.length === 0
  return { isExact, isExactWith7BitWeights: isExact || (await failuresWith(63, run)).length === 0, failures }
}

async function failuresWith(most: number, run: CheckRun): Promise<string[]> {
  const failures: string[] = []
  for (const k of INNER) {
    const weights = Int8Array.from({ length: k * COLUMNS }, (_, i) => weight(Math.floor(i / COLUMNS), i % COLUMNS, most))
    const graph = checkGraph(weights, k, COLUMNS)
    for (const n of ROWS) {
      const activations = Uint8Array.from({ length: n * k }, (_, i) => activation(Math.floor(i / k), i % k))
      const products = await run(graph, { activations, computed: weights, n, k, columns: COLUMNS })
      for (const [name, { centre, isFloat }] of Object.entries(PRODUCTS)) {
        const reference = product(activations, centre, weights, n, k)
        const given = products[name as Product]
        const isSame = given.length === reference.length && reference.every((sum, i) => (isFloat ? Math.fround(sum) : sum) === given[i])
        if (!isSame) failures.push(`${name}: [${n}, ${k}] x [${k}, ${COLUMNS}] with weights up to ${most}`)
      }
    }
  }
  return failures
}

/** Column by column: all at the top, all at the bottom, alternating in ones and in pairs, and a spread of values between. */
function weight(row: number, column: number, most: number): number {
  const patterns = [most, -most, row % 2 ? -most : most, row & 2 ? -most : most]
  return patterns[column] ?? ((row * 31 + column * 17 + row * column) % (2 * most + 1)) - most
}

/** Row by row: all at the top (where pairs saturate first), top and bottom in turn, and a spread. */
function activation(row: number, at: number): number {
  if (row % 3 === 0) return 255
  return row % 3 === 1 ? (at % 2) * 255 : (at * 29 + row * 7) % 256
}

/** [n, COLUMNS] int32. */
function product(activations: Uint8Array, centre: number, weights: Int8Array, n: number, k: number): Int32Array {
  const sums = new Int32Array(n * COLUMNS)
  for (let row = 0; row < n; row++) {
    for (let at = 0; at < k; at++) {
      const value = activations[row * k + at] - centre
      for (let column = 0; column < COLUMNS; column++) sums[row * COLUMNS + column] += value * weights[at * COLUMNS + column]
    }
  }
  return sums
}

async function runHere(graph: Uint8Array, { activations, computed, n, k, columns }: CheckInputs): ReturnType<CheckRun> {
  try {
    const ort = await import('onnxruntime-node')
    const session = await ort.InferenceSession.create(graph, { intraOpNumThreads: 1, logSeverityLevel: 4 })
    try {
      const results = await session.run({
        activations: new ort.Tensor('uint8', activations, [n, k]),
        computed: new ort.Tensor('int8', computed, [k, columns]),
      })
      const names = Object.keys(PRODUCTS) as Product[]
      return Object.fromEntries(names.map((name, index) => [name, results[`product${index}`].data as unknown as ArrayLike<number>])) as Record<Product, ArrayLike<number>>
    } finally {
      await session.release()
    }
  } catch (cause) {
    throw new RuntimeError(`the integer self-check could not run: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}
