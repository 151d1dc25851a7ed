/**
 * Whether `MatMulNBits` gives a row the same bits alone and in any company, on this machine. Some kernels treat one row
 * apart (AVX2's does): there a pass has two rows at least.
 */
import { GraphBuilder } from '../../onnx/graph-builder.js'
import { keptCheck } from '../../runtime/kept-check.js'
import { loadOnnxRuntime } from '../../runtime/onnxruntime.js'
import { RuntimeError } from '../../spec/errors.js'
import { BLOCK } from './grid.js'

/** y [rows, outputs] for the first `rows` rows from row `from` on, by `threads` threads. */
export type RunRows = (from: number, rows: number) => Promise<Float32Array>

/** Rows that passes have at least, so that all of them get the same bits; null where no number does. */
export type LeastRows = 1 | 2 | null

/** Bump when the check looks at something else. */
const VERSION = 1
const ROWS = 33
const COMPANY = [2, 3, 5, 8, 16, 17]
interface Case {
  inputs: number
  bits: number
  hasZeros: boolean
}

/** Inputs of whole blocks and with a tail; outputs no multiple of any kernel's width. */
const CASES: readonly Case[] = [
  { inputs: 576, bits: 4, hasZeros: false },
  { inputs: 612, bits: 4, hasZeros: true },
  { inputs: 1632, bits: 4, hasZeros: true },
  { inputs: 576, bits: 8, hasZeros: false },
]
const OUTPUTS = 150
const THREADS = [1, 2, 4]

/** What one product says: rows are compared with what they get among all others. */
export async function leastRowsOf(run: RunRows): Promise<LeastRows> {
  const all = await run(0, ROWS)
  const outputs = all.length / ROWS
  const agrees = async (rows: number): Promise<boolean> => {
    for (let from = 0; from + rows <= ROWS; from += rows) {
      const own = await run(from, rows)
      if (!own.every((value, i) => value === all[from * outputs + i])) return false
    }
    return true
  }
  for (const rows of COMPANY) if (!(await agrees(rows))) return null
  return (await agrees(1)) ? 1 : 2
}

let here: Promise<LeastRows> | undefined

/** On this machine. Checked once a process, in half a second; where there is a cache folder, once for all processes. */
export function leastRows(cacheDir?: string): Promise<LeastRows> {
  here ??= keptCheck(cacheDir, ['4-bit rows', VERSION, CASES, THREADS, ROWS, COMPANY], isLeastRows, check)
  return here
}

const isLeastRows = (read: unknown): read is LeastRows => read === 1 || read === 2 || read === null

async function check(): Promise<LeastRows> {
  let least: LeastRows = 1
  for (const product of CASES) {
    for (const threads of THREADS) {
      const found = await checkCase(product, threads)
      if (found === null) return null
      least = found === 2 ? 2 : least
    }
  }
  return least
}

async function checkCase(product: Case, threads: number): Promise<LeastRows> {
  const { inputs } = product
  try {
    const ort = await loadOnnxRuntime()
    const options = { intraOpNumThreads: threads, logSeverityLevel: 4 } as const
    const session = await ort.InferenceSession.create(checkGraph(product), options)
    const x = Float32Array.from({ length: ROWS * inputs }, (_, i) => activation(Math.floor(i / inputs), i % inputs))
    try {
      return await leastRowsOf(async (from, rows) => {
        const part = x.subarray(from * inputs, (from + rows) * inputs)
        return (await session.run({ x: new ort.Tensor('float32', part, [rows, inputs]) })).y.data as Float32Array
      })
    } finally {
      await session.release()
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new RuntimeError(`the check of 4-bit products could not run: ${reason}`, { cause })
  }
}

function checkGraph({ inputs, bits, hasZeros }: Case): Uint8Array {
  const g = new GraphBuilder('row-check')
  const blocks = Math.ceil(inputs / BLOCK)
  const bytes = (BLOCK * bits) / 8
  const weights = Array.from(
    { length: OUTPUTS * blocks * bytes },
    (_, i) => (Math.imul(i + 1, 2654435761) >>> 13) & 255,
  )
  const steps = Array.from({ length: OUTPUTS * blocks }, (_, i) => 0.01 + ((i * 37) % 101) / 5000)
  const zeros = Array.from({ length: OUTPUTS * Math.ceil(blocks / 2) }, (_, i) => (i * 89) & 255)
  g.op(
    'MatMulNBits',
    [
      g.input('x', 'float32', ['M', inputs]),
      g.constant('uint8', weights, [OUTPUTS, blocks, bytes]),
      g.constant('float32', steps),
      ...(hasZeros ? [g.constant('uint8', zeros)] : []),
    ],
    { K: inputs, N: OUTPUTS, bits, block_size: BLOCK, accuracy_level: 4 },
    'y',
  )
  g.output('y', 'float32', ['M', OUTPUTS])
  return g.encode()
}

/** A spread of values, one channel far larger than the rest and some rows larger than others. */
function activation(row: number, at: number): number {
  const value = ((Math.imul(row * 4099 + at + 1, 2246822519) >>> 8) & 0xffff) / 0x8000 - 1
  return value * (at === 7 ? 30 : 1) * (row % 5 === 3 ? 20 : 1)
}
