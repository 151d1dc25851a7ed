/**
 * The pickle inside a PyTorch file, read without running anything: a pickle is a program for a stack machine, and this
 * machine knows only the steps that build dictionaries of tensors. Names of functions stay names; of calls it makes the
 * two that every file has, by code of its own.
 */
import { ModelError } from '../../spec/errors.js'

/** A tensor as the pickle describes it: `stride` and `storageOffset` count values. */
export interface PickledTensor {
  storage: PickledStorage
  storageOffset: number
  shape: readonly number[]
  stride: readonly number[]
}

/** Values of one type, in an entry of the archive of their own. */
export interface PickledStorage {
  /** As PyTorch calls it: `FloatStorage`. */
  type: string
  key: string
}

/** A function or class of Python: its name and nothing else. */
class Global {
  constructor(readonly name: string) {}
}
/** Where a tuple or a list of entries begins. */
const MARK = Symbol('mark')

type Value = unknown
const REBUILD = ['torch._utils._rebuild_tensor_v2', 'torch._utils._rebuild_tensor']

/** Tensors by name. Throws `ModelError` naming the step that is not one of a file of weights. */
export function readPickle(bytes: Uint8Array, path: string): Map<string, PickledTensor> {
  const result = new Machine(bytes, path).run()
  const entries = result instanceof Map ? [...result] : []
  const tensors = entries.filter((entry): entry is [string, PickledTensor] => isTensor(entry[1]))
  if (tensors.length === 0) throw invalid(path, 'holds no dictionary of tensors; give the file of weights alone')
  return new Map(tensors)
}

class Machine {
  readonly #view: DataView
  readonly #stack: Value[] = []
  readonly #memo = new Map<number, Value>()
  #at = 0

  constructor(
    private readonly bytes: Uint8Array,
    private readonly path: string,
  ) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  run(): Value {
    try {
      for (;;) {
        const code = this.#byte()
        if (code === 0x2e) return this.#pop()
        const step = STEPS.get(code)
        if (!step) throw invalid(this.path, `asks for step 0x${code.toString(16)} of pickle, ${NOT_WEIGHTS}`)
        step(this)
      }
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      throw invalid(this.path, 'has a truncated or corrupt pickle; download it again', error)
    }
  }

  #byte(): number {
    return this.#view.getUint8(this.#at++)
  }

  #pop(): Value {
    if (this.#stack.length === 0) throw new RangeError('the stack is empty')
    return this.#stack.pop()
  }

  byte(): number {
    return this.#byte()
  }

  int(size: 2 | 4): number {
    const at = this.#at
    this.#at += size
    return size === 2 ? this.#view.getUint16(at, true) : this.#view.getInt32(at, true)
  }

  /** A whole number of `size` bytes, little-endian, in two's complement. */
  long(size: number): number {
    let value = 0n
    for (let i = 0; i < size; i++) value |= BigInt(this.#byte()) << BigInt(8 * i)
    return Number(BigInt.asIntN(8 * size, value))
  }

  text(size: number): string {
    const at = this.#at
    if (size < 0 || at + size > this.bytes.byteLength) throw new RangeError('a text ends beyond the file')
    this.#at += size
    return new TextDecoder().decode(this.bytes.subarray(at, at + size))
  }

  line(): string {
    const end = this.bytes.indexOf(0x0a, this.#at)
    if (end < 0) throw new RangeError('a line does not end')
    const text = this.text(end - this.#at)
    this.#at++
    return text
  }

  push(value: Value): void {
    this.#stack.push(value)
  }

  pop(): Value {
    return this.#pop()
  }

  top(): Value {
    return this.#stack[this.#stack.length - 1]
  }

  /** What lies above the last mark, which goes. */
  sinceMark(): Value[] {
    const at = this.#stack.lastIndexOf(MARK)
    if (at < 0) throw new RangeError('there is no mark')
    return this.#stack.splice(at).slice(1)
  }

  put(place: number): void {
    this.#memo.set(place, this.top())
  }

  get(place: number): void {
    if (!this.#memo.has(place)) throw new RangeError(`nothing was put at ${place}`)
    this.push(this.#memo.get(place))
  }

  set(entries: readonly Value[]): void {
    const target = this.top()
    if (!(target instanceof Map)) throw invalid(this.path, `sets entries of what is no dictionary, ${NOT_WEIGHTS}`)
    for (let i = 0; i + 1 < entries.length; i += 2) target.set(entries[i], entries[i + 1])
  }

  append(values: readonly Value[]): void {
    const target = this.top()
    if (!Array.isArray(target)) throw invalid(this.path, `appends to what is no list, ${NOT_WEIGHTS}`)
    target.push(...values)
  }

  /** ('storage', type, key, device, count) stands for values in another entry. */
  storage(): void {
    const [kind, type, key] = asList(this.#pop())
    if (kind !== 'storage' || !(type instanceof Global) || typeof key !== 'string')
      throw invalid(this.path, `refers to something other than a tensor's values, ${NOT_WEIGHTS}`)
    this.push({ type: type.name.replace(/^torch\./, ''), key } satisfies PickledStorage)
  }

  reduce(): void {
    const given = asList(this.#pop())
    const called = this.#pop()
    const name = called instanceof Global ? called.name : 'nothing'
    if (name === 'collections.OrderedDict' && given.length === 0) return this.push(new Map())
    if (name === 'torch._utils._rebuild_parameter') return this.push(given[0])
    if (!REBUILD.includes(name)) throw invalid(this.path, `calls ${name}, ${NOT_WEIGHTS}`)
    const [storage, storageOffset, shape, stride] = given
    this.push({ storage, storageOffset, shape: asList(shape), stride: asList(stride) })
  }
}

const NOT_WEIGHTS = 'which a file of weights has no need for: it is not run; use the safetensors file'

/** By code. What they leave out, files of weights do not have. */
const STEPS = new Map<number, (machine: Machine) => void>([
  [0x80, (m) => void m.byte()],
  [0x95, (m) => void m.text(8)],
  [0x28, (m) => m.push(MARK)],
  [0x30, (m) => void m.pop()],
  [0x7d, (m) => m.push(new Map())],
  [0x5d, (m) => m.push([])],
  [0x29, (m) => m.push([])],
  [0x4e, (m) => m.push(null)],
  [0x88, (m) => m.push(true)],
  [0x89, (m) => m.push(false)],
  [0x4a, (m) => m.push(m.int(4))],
  [0x4b, (m) => m.push(m.byte())],
  [0x4d, (m) => m.push(m.int(2))],
  [0x8a, (m) => m.push(m.long(m.byte()))],
  [0x58, (m) => m.push(m.text(m.int(4)))],
  [0x8c, (m) => m.push(m.text(m.byte()))],
  [0x63, (m) => m.push(new Global(`${m.line()}.${m.line()}`))],
  [0x93, (m) => m.push(globalOf(m.pop(), m.pop()))],
  [0x71, (m) => m.put(m.byte())],
  [0x72, (m) => m.put(m.int(4))],
  [0x68, (m) => m.get(m.byte())],
  [0x6a, (m) => m.get(m.int(4))],
  [0x85, (m) => m.push([m.pop()])],
  [0x86, (m) => m.push([m.pop(), m.pop()].reverse())],
  [0x87, (m) => m.push([m.pop(), m.pop(), m.pop()].reverse())],
  [0x74, (m) => m.push(m.sinceMark())],
  [0x73, (m) => m.set([m.pop(), m.pop()].reverse())],
  [0x75, (m) => m.set(m.sinceMark())],
  [0x61, (m) => m.append([m.pop()])],
  [0x65, (m) => m.append(m.sinceMark())],
  [0x51, (m) => m.storage()],
  [0x52, (m) => m.reduce()],
  // What is left of an object beside its entries: the module's own version numbers.
  [0x62, (m) => void m.pop()],
])

function globalOf(name: Value, module: Value): Global {
  return new Global(`${String(module)}.${String(name)}`)
}

function asList(value: Value): Value[] {
  return Array.isArray(value) ? value : []
}

function isTensor(value: unknown): value is PickledTensor {
  return typeof value === 'object' && value !== null && 'storage' in value && 'stride' in value
}

function invalid(path: string, message: string, cause?: unknown): ModelError {
  return new ModelError('model_invalid', path, `${path} ${message}`, { cause })
}
