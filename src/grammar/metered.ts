/**
 * A wasm module that counts its own work. Every entry of a function and every turn of a loop takes one from a counter,
 * and at zero the call traps: so a call ends after so much work, whatever it was given. The count depends on the work
 * alone, on no clock: what is refused on one machine is refused on all.
 */
import { RuntimeError } from '../spec/errors.js'

/** Name of the exported counter, a mutable i32. */
export const FUEL = 'fuel'

const SECTION = { global: 6, export: 7, code: 10 }
const I32 = 0x7f
const MUTABLE = 1
const GLOBAL_KIND = 3

/** Throws `RuntimeError` for instructions beyond those of WebAssembly 1.0 and its first extensions. */
export function metered(module: Uint8Array): Uint8Array<ArrayBuffer> {
  const reader = new Reader(module)
  const parts: Uint8Array[] = [reader.bytes(8)]
  let fuel = -1
  while (!reader.ended) {
    const id = reader.byte()
    const body = new Reader(reader.bytes(reader.number()))
    if (id === SECTION.global) {
      fuel = body.number()
      // The counter is the last global: i32, mutable, at first as much as it can be.
      const added = [I32, MUTABLE, I32_CONST, ...signed(0x7fffffff), END]
      parts.push(...section(id, [numbers(fuel + 1), body.rest(), Uint8Array.from(added)]))
    } else if (id === SECTION.export) {
      const count = body.number()
      const name = Buffer.from(FUEL)
      parts.push(
        ...section(id, [numbers(count + 1), body.rest(), numbers(name.length), name, numbers(GLOBAL_KIND, fuel)]),
      )
    } else if (id === SECTION.code) {
      const count = body.number()
      const functions = Array.from({ length: count }, () => meteredFunction(body.bytes(body.number()), fuel))
      parts.push(...section(id, [numbers(count), ...functions.flatMap((code) => [numbers(code.length), code])]))
    } else parts.push(...section(id, [body.rest()]))
  }
  if (fuel < 0) throw new RuntimeError('the wasm of the grammar library has no globals, which its meter builds on')
  return new Uint8Array(Buffer.concat(parts))
}

function section(id: number, parts: readonly Uint8Array[]): Uint8Array[] {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  return [Uint8Array.of(id), numbers(length), ...parts]
}

/** One function's body: locals, then instructions. */
function meteredFunction(code: Uint8Array, fuel: number): Uint8Array {
  const reader = new Reader(code)
  const parts: Uint8Array[] = []
  const charge = Uint8Array.from([
    GLOBAL_GET,
    ...numbers(fuel),
    I32_CONST,
    1,
    I32_SUB,
    GLOBAL_SET,
    ...numbers(fuel),
    GLOBAL_GET,
    ...numbers(fuel),
    I32_EQZ,
    IF,
    NO_RESULT,
    UNREACHABLE,
    END,
  ])
  for (let groups = reader.number(); groups > 0; groups--) {
    reader.number()
    reader.byte()
  }
  let copied = 0
  const chargeHere = (): void => {
    parts.push(code.subarray(copied, reader.at), charge)
    copied = reader.at
  }
  chargeHere()
  while (!reader.ended) if (reader.instruction() === LOOP) chargeHere()
  parts.push(code.subarray(copied))
  return Buffer.concat(parts)
}

const UNREACHABLE = 0x00
const LOOP = 0x03
const IF = 0x04
const END = 0x0b
const GLOBAL_GET = 0x23
const GLOBAL_SET = 0x24
const I32_CONST = 0x41
const I32_EQZ = 0x45
const I32_SUB = 0x6b
const NO_RESULT = 0x40

class Reader {
  at = 0

  constructor(private readonly source: Uint8Array) {}

  get ended(): boolean {
    return this.at >= this.source.length
  }

  byte(): number {
    if (this.ended) throw new RuntimeError('the wasm of the grammar library ends in the middle')
    return this.source[this.at++]
  }

  bytes(length: number): Uint8Array {
    return this.source.subarray(this.at, (this.at += length))
  }

  rest(): Uint8Array {
    return this.bytes(this.source.length - this.at)
  }

  /** An unsigned LEB128. */
  number(): number {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte()
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
  }

  /** Goes past one instruction with its immediates and returns its code. */
  instruction(): number {
    const code = this.byte()
    if (code === 0xfc) this.extended(this.number())
    else if (code === 0x0e) this.skip(this.number() + 1) // br_table
    else if (code === 0x1c) this.at += this.number() // select with types
    else if (code === 0x43) this.at += 4 // f32.const
    else if (code === 0x44) this.at += 8 // f64.const
    else this.skip(immediates(code))
    return code
  }

  /** Saturating conversions, then instructions on whole areas of memory and tables. */
  private extended(code: number): void {
    if (code > 17) throw unknown(0xfc00 + code)
    this.skip(code < 8 ? 0 : code === 9 || code === 11 || code === 13 || code > 14 ? 1 : 2)
  }

  private skip(count: number): void {
    for (let i = 0; i < count; i++) while (this.byte() >= 0x80);
  }
}

/** How many LEB128 numbers follow an instruction. */
function immediates(code: number): number {
  if (code === 0x11 || (code >= 0x28 && code <= 0x3e)) return 2 // call_indirect; loads and stores
  if (code >= 0x02 && code <= 0x04) return 1 // block, loop, if
  if (code === 0x0c || code === 0x0d || code === 0x10) return 1 // br, br_if, call
  if ((code >= 0x20 && code <= 0x26) || (code >= 0x3f && code <= 0x42)) return 1 // variables; memory size, constants
  const plain = code <= 0x01 || code === 0x05 || code === 0x0b || code === 0x0f || code === 0x1a || code === 0x1b
  if (plain || (code >= 0x45 && code <= 0xc4)) return 0
  throw unknown(code)
}

const unknown = (code: number): RuntimeError =>
  new RuntimeError(`the wasm of the grammar library has an instruction its meter does not know: 0x${code.toString(16)}`)

/** Unsigned LEB128s. */
function numbers(...values: readonly number[]): Uint8Array {
  const bytes: number[] = []
  for (let value of values) {
    while (value >= 0x80) {
      bytes.push((value & 0x7f) | 0x80)
      value >>>= 7
    }
    bytes.push(value)
  }
  return Uint8Array.from(bytes)
}

/** Signed LEB128 of a positive number. */
function signed(value: number): number[] {
  const bytes: number[] = []
  for (; value >= 0x40; value >>>= 7) bytes.push((value & 0x7f) | 0x80)
  return [...bytes, value]
}
