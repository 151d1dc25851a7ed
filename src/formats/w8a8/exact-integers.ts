/**
 * The start-up check of this CPU's integer arithmetic. Bit-exact decoding rests on integer matmuls being exact. ONNX
 * Runtime multiplies u8 by s8 exactly where the CPU has VNNI; with AVX2 alone it adds pairs of products in 16 bits and
 * saturates. Its u8 x u8 product is exact there, and nearly as fast.
 */
import { RuntimeError } from '../../spec/errors.js'
import { GraphBuilder } from '../../onnx/graph-builder.js'
import type { IntegerType } from '../../spec/manifest.js'
import { keptCheck } from '../../runtime/kept-check.js'
import { loadOnnxRuntime } from '../../runtime/onnxruntime.js'
import { MIDDLE } from '../../onnx/integers.js'

/**
 * Products of the check graph: `activations - centre` [n, k] times weights [k, columns]. Linear layers have constant
 * weights and round around 128; attention's weights are computed, and its shares rounded around 0.
 */
export const PRODUCTS = {
  'constant weights': { centre: MIDDLE },
  'computed weights': { centre: 0 },
} as const
export type Product = keyof typeof PRODUCTS

export interface IntegerCheck {
  /**
   * Types of weights for which every product equals its int32 reference: with them W8A8 decoding is bit-exact on this
   * machine. The fastest comes first.
   */
  exact: IntegerType[]
  /** What was wrong: which product, at which shape, with which type. */
  failures: string[]
}

/** Inputs of one run: `activations` [n, k] and `computed` [k, columns], integers stored around `zero`. */
export interface CheckInputs {
  activations: Uint8Array
  computed: Int8Array | Uint8Array
  zero: number
  n: number
  k: number
  columns: number
}

/** One run of the check graph; gives each product, [n, columns]. */
export type CheckRun = (graph: Uint8Array, inputs: CheckInputs) => Promise<Record<Product, ArrayLike<number>>>

/** Bump when the check looks at something else. */
const VERSION = 1
/** Inner sizes: a hidden size, a longer odd one (tail handling) and a head size. */
const INNER = [576, 1037, 64]
const ROWS = [1, 2, 5, 16]
const COLUMNS = 40

/**
 * Compares integer matmuls on extreme values with an int32 reference. Takes some tens of milliseconds. Throws
 * `RuntimeError`.
 */
export async function checkIntegerMatmul(run: CheckRun = runHere): Promise<IntegerCheck> {
  const exact: IntegerType[] = []
  const failures: string[] = []
  for (const type of ['int8', 'uint8'] as const) {
    const found = await failuresWith(type, run)
    if (found.length === 0) exact.push(type)
    failures.push(...found)
  }
  return { exact, failures }
}

let here: Promise<readonly IntegerType[]> | undefined

/**
 * Types of integers that this machine multiplies exactly, the fastest first. Checked once a process; where there is a
 * cache folder, once for all processes.
 */
export function exactIntegers(cacheDir?: string): Promise<readonly IntegerType[]> {
  here ??= keptCheck(cacheDir, ['integers', VERSION, INNER, ROWS, COLUMNS], areTypes, async () => {
    const { exact } = await checkIntegerMatmul()
    return exact
  })
  return here
}

const areTypes = (read: unknown): read is readonly IntegerType[] =>
  Array.isArray(read) && read.every((type) => type === 'int8' || type === 'uint8')

/** How W8A8 stores integers on this machine: the fastest type that is exact here, and int8 where none is. */
export async function bestIntegers(cacheDir?: string): Promise<IntegerType> {
  return (await exactIntegers(cacheDir))[0] ?? 'int8'
}

/**
 * Inputs: `activations` uint8 [n, k], `computed` [k, columns]; constant: the same weights and the `zero` they are
 * stored around. One output per product, `product0` and so on in the order of `PRODUCTS`, float32 [n, columns].
 */
function checkGraph(type: IntegerType, weights: Int8Array | Uint8Array, zero: number, k: number): Uint8Array {
  const g = new GraphBuilder('self-check')
  const [activations, computed] = [g.input('activations', 'uint8', ['n', k]), g.input('computed', type, [k, COLUMNS])]
  const [one, middle] = [g.constant('float32', [1], []), g.constant('uint8', [MIDDLE], [])]
  const around = g.constant(type, [zero], [])
  const constant = g.constant(type, [...weights], [k, COLUMNS])
  const products: Record<Product, string[]> = {
    'constant weights': [activations, constant, one, one, middle, around],
    'computed weights': [activations, computed, one, one, '', around],
  }
  Object.values(products).forEach((inputs, i) => {
    g.op('MatMulIntegerToFloat', inputs, {}, `product${i}`)
    g.output(`product${i}`, 'float32', ['n', COLUMNS])
  })
  return g.encode()
}

async function failuresWith(type: IntegerType, run: CheckRun): Promise<string[]> {
  const failures: string[] = []
  for (const k of INNER) {
    const weights = Int8Array.from({ length: k * COLUMNS }, (_, i) => weight(Math.floor(i / COLUMNS), i % COLUMNS))
    const zero = type === 'uint8' ? MIDDLE : 0
    const computed = type === 'uint8' ? Uint8Array.from(weights, (value) => value + zero) : weights
    const graph = checkGraph(type, computed, zero, k)
    for (const n of ROWS) {
      const activations = Uint8Array.from({ length: n * k }, (_, i) => activation(Math.floor(i / k), i % k))
      const products = await run(graph, { activations, computed, zero, n, k, columns: COLUMNS })
      for (const [name, { centre }] of Object.entries(PRODUCTS)) {
        const reference = product(activations, centre, weights, n, k)
        const given = products[name as Product]
        const isSame = given.length === reference.length && reference.every((sum, i) => Math.fround(sum) === given[i])
        if (!isSame) failures.push(`${name}: [${n}, ${k}] x [${k}, ${COLUMNS}] of ${type}`)
      }
    }
  }
  return failures
}

/**
 * Column by column: all at the top, all at the bottom, alternating in ones and in pairs, and a spread of values
 * between.
 */
function weight(row: number, column: number): number {
  const patterns = [127, -127, row % 2 ? -127 : 127, row & 2 ? -127 : 127]
  return patterns[column] ?? ((row * 31 + column * 17 + row * column) % 255) - 127
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
      for (let column = 0; column < COLUMNS; column++)
        sums[row * COLUMNS + column] += value * weights[at * COLUMNS + column]
    }
  }
  return sums
}

async function runHere(graph: Uint8Array, { activations, computed, n, k, columns }: CheckInputs): ReturnType<CheckRun> {
  try {
    const ort = await loadOnnxRuntime()
    const session = await ort.InferenceSession.create(graph, { intraOpNumThreads: 1, logSeverityLevel: 4 })
    try {
      const results = await session.run({
        activations: new ort.Tensor('uint8', activations, [n, k]),
        computed:
          computed instanceof Int8Array
            ? new ort.Tensor('int8', computed, [k, columns])
            : new ort.Tensor('uint8', computed, [k, columns]),
      })
      const product = (index: number): Float32Array => results[`product${index}`].data as Float32Array
      return { 'constant weights': product(0), 'computed weights': product(1) }
    } finally {
      await session.release()
    }
  } catch (cause) {
    throw new RuntimeError(
      `the integer self-check could not run: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    )
  }
}
