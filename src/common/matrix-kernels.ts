/**
 * Dense steps of import on row-major float32 matrices, in WebAssembly: turning rows or columns by an orthogonal matrix,
 * and rounding to 8 bits. Bits are those of plain loops in double precision.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Instance, Module } from './web-assembly.js'

/** `assembly/import/index.ts`; pointers are byte offsets into `memory`. */
interface Exports {
  memory: { readonly buffer: ArrayBuffer; grow(pages: number): number }
  free_from(): number
  rotate_rows(
    data: number,
    rows: number,
    size: number,
    m: number,
    signs: number,
    block: number,
    factors: number,
    work: number,
  ): void
  rotate_columns(data: number, cols: number, size: number, m: number, signs: number, block: number, work: number): void
  round_rows(
    data: number,
    rows: number,
    cols: number,
    levels: number,
    zero: number,
    values: number,
    steps: number,
  ): void
  transpose_bytes(data: number, rows: number, cols: number, out: number, stride: number): void
}

/** x -> H(B(x * signs)): signs float64 [size], B a block float64 [m, m] over every m values, H a Hadamard transform. */
export interface Turn {
  size: number
  m: number
  signs: Float64Array
  block: Float64Array
}

/** Bytes of a matrix that are worked on at a time where its rows are apart. */
const STRIP = 2 ** 20
/** Columns that the module turns together. */
const LANES = 8
const PAGE = 2 ** 16
/** Rows of a strip that is rounded: bytes that come to lie side by side. */
const ROUNDED_ROWS = 64

/** Replaces every row x [size] of `data` by its turn, after multiplying its values by `factors` where given. */
export function turnRows(data: Float32Array, turn: Turn, factors?: Float32Array): void {
  const { size, m } = turn
  const rowsAtOnce = Math.max(2, Math.floor(STRIP / (4 * size)))
  const arena = new Arena()
  const constants = arena.constants(turn)
  const scales = factors ? arena.put(factors) : 0
  const work = arena.take(16 * (size + m))
  const at = arena.take(4 * size * rowsAtOnce)
  for (let first = 0; first < data.length; first += size * rowsAtOnce) {
    const strip = data.subarray(first, first + size * rowsAtOnce)
    arena.floats(at, strip.length).set(strip)
    arena.exports.rotate_rows(at, strip.length / size, size, m, constants.signs, constants.block, scales, work)
    strip.set(arena.floats(at, strip.length))
  }
}

/** Turns every `size` values below each other, in each of `cols` columns of `data`. */
export function turnColumns(data: Float32Array, cols: number, turn: Turn): void {
  const { size, m } = turn
  const arena = new Arena()
  const { signs, block } = arena.constants(turn)
  const work = arena.take(8 * LANES * (size + m))
  const at = arena.take(4 * size * cols)
  for (let first = 0; first < data.length; first += size * cols) {
    const group = data.subarray(first, first + size * cols)
    arena.floats(at, group.length).set(group)
    arena.exports.rotate_columns(at, cols, size, m, signs, block, work)
    group.set(arena.floats(at, group.length))
  }
}

export interface Rounded {
  /** Whole steps, raised by the zero that was asked for. */
  values: Uint8Array<ArrayBuffer>
  /** float32 [rows]. */
  steps: Float32Array
}

/**
 * Rounds each row of [rows, cols] to whole steps, `levels` either way, half steps up; `zero` is added to each. Values
 * come as [cols, rows] where `isTurned`. A row of zeros has step 1.
 */
export function roundRows(
  data: Float32Array,
  rows: number,
  { levels, zero, isTurned }: { levels: number; zero: number; isTurned: boolean },
): Rounded {
  const cols = data.length / rows
  const values = new Uint8Array(data.length)
  const steps = new Float32Array(rows)
  const arena = new Arena()
  const { exports } = arena
  const [floats, bytes] = [arena.take(4 * cols * ROUNDED_ROWS), arena.take(cols * ROUNDED_ROWS)]
  const stepsAt = arena.take(4 * ROUNDED_ROWS)
  const turned = isTurned ? arena.take(data.length) : 0
  for (let first = 0; first < rows; first += ROUNDED_ROWS) {
    const count = Math.min(ROUNDED_ROWS, rows - first)
    const [from, size] = [first * cols, count * cols]
    arena.floats(floats, size).set(data.subarray(from, from + size))
    exports.round_rows(floats, count, cols, levels, zero, bytes, stepsAt)
    steps.set(arena.floats(stepsAt, count), first)
    if (isTurned) exports.transpose_bytes(bytes, count, cols, turned + first, rows)
    else values.set(arena.bytes(bytes, size), from)
  }
  if (isTurned) values.set(arena.bytes(turned, data.length))
  return { values, steps }
}

/** One instance serves all calls: a call places its arrays from the beginning. */
let instance: Exports | undefined

/** Gives back the memory, which is as large as the largest matrix since the last time. */
export function freeKernels(): void {
  instance = undefined
}

class Arena {
  readonly exports: Exports
  #end: number

  constructor() {
    this.exports = instance ??= instantiate()
    this.#end = this.exports.free_from()
  }

  /** The address of so many bytes. */
  take(bytes: number): number {
    const at = this.#end
    this.#end = at + Math.ceil(bytes / 64) * 64
    const missing = this.#end - this.exports.memory.buffer.byteLength
    if (missing > 0) this.exports.memory.grow(Math.ceil(missing / PAGE))
    return at
  }

  put(values: Float32Array | Float64Array): number {
    const at = this.take(values.byteLength)
    this.bytes(at, values.byteLength).set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    return at
  }

  constants({ signs, block }: Turn): { signs: number; block: number } {
    return { signs: this.put(signs), block: this.put(block) }
  }

  floats(at: number, count: number): Float32Array {
    return new Float32Array(this.exports.memory.buffer, at, count)
  }

  bytes(at: number, count: number): Uint8Array {
    return new Uint8Array(this.exports.memory.buffer, at, count)
  }
}

function instantiate(): Exports {
  const home = createRequire(import.meta.url).resolve('sequoia-onnx/package.json')
  const bytes = readFileSync(join(home, '..', 'dist', 'import.wasm'))
  return new Instance(new Module(bytes), {}).exports as Exports
}
