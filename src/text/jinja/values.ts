/**
 * What templates compute with: Python's values. Whole numbers are `bigint`, floats are `number`, None is `null`, lists
 * are arrays, and text is counted in code points. The rest has a class here.
 */
export type Value =
  | null
  | boolean
  | bigint
  | number
  | string
  | Value[]
  | Tuple
  | Dict
  | Undefined
  | Stream
  | View
  | Range
  | Markup
  | Native

/** Positional arguments, then those with a name. */
export type Call = (args: readonly Value[], named: ReadonlyMap<string, Value>) => Value

/** What Python would raise. Its message reaches whoever sent the messages. */
export class TemplateError extends Error {}

export class Tuple {
  constructor(readonly items: readonly Value[]) {}
}

/** A name or member that is not there. It prints as nothing, is false and empty; any other use throws `hint`. */
export class Undefined {
  constructor(readonly hint: string) {}
}

/** Python's generators and iterators: read once, without a length, always true. */
export class Stream {
  private readonly source: Iterator<Value>
  constructor(items: Iterable<Value>) {
    this.source = items[Symbol.iterator]()
  }
  *[Symbol.iterator](): Generator<Value> {
    for (let step = this.source.next(); !step.done; step = this.source.next()) yield step.value
  }
}

/** What `keys()`, `values()` and `items()` of a dict return. */
export class View {
  constructor(
    readonly kind: 'dict_keys' | 'dict_values' | 'dict_items',
    readonly items: readonly Value[],
  ) {}
}

export class Range {
  constructor(
    readonly start: number,
    readonly stop: number,
    readonly step: number,
  ) {}
  get items(): Value[] {
    const length = Math.max(0, Math.ceil((this.stop - this.start) / this.step))
    return Array.from({ length }, (_, i) => BigInt(this.start + i * this.step))
  }
}

/** Text marked by `safe`: what is added to it is escaped. It has no methods here. */
export class Markup {
  constructor(readonly text: string) {}
}

/** Python's dict: keys of several types in order of insertion, with 1, 1.0 and True as one key. */
export class Dict {
  private readonly held = new Map<string, readonly [key: Value, value: Value]>()

  constructor(entries: Iterable<readonly [Value, Value]> = []) {
    for (const [key, value] of entries) this.set(key, value)
  }

  get size(): number {
    return this.held.size
  }

  get(key: Value): Value | undefined {
    return this.held.get(hash(key))?.[1]
  }

  has(key: Value): boolean {
    return this.held.has(hash(key))
  }

  /** A key that is there keeps its place and its spelling. */
  set(key: Value, value: Value): void {
    const id = hash(key)
    const known = this.held.get(id)
    this.held.set(id, [known ? known[0] : key, value])
  }

  keys(): Value[] {
    return this.entries().map(([key]) => key)
  }

  values(): Value[] {
    return this.entries().map(([, value]) => value)
  }

  entries(): (readonly [Value, Value])[] {
    return [...this.held.values()]
  }
}

/** Equal for keys that Python holds to be equal. Throws `TemplateError` for values that change. */
export function hash(key: Value): string {
  if (typeof key === 'string') return `s${key}`
  if (key === null) return 'none'
  if (isInteger(key)) return `n${BigInt(key)}`
  if (typeof key === 'number') return Number.isInteger(key) ? `n${BigInt(key)}` : `n${key}`
  if (key instanceof Tuple) return `t${JSON.stringify(key.items.map(hash))}`
  if (key instanceof Undefined) return 'undefined'
  throw new TemplateError(`unhashable type: '${typeName(key)}'`)
}

/** Everything else with members or a call: functions, methods, macros, `loop`, namespaces. */
export class Native {
  constructor(
    readonly typeName: string,
    readonly parts: {
      attribute?: (name: string) => Value | undefined
      assign?: (name: string, value: Value) => void
      call?: Call
    },
  ) {}
}

export const isNumeric = (value: Value): value is boolean | bigint | number =>
  typeof value === 'boolean' || typeof value === 'bigint' || typeof value === 'number'

/** A bool is a whole number in Python. */
export const isInteger = (value: Value): value is boolean | bigint =>
  typeof value === 'boolean' || typeof value === 'bigint'

/** The class name that Python's messages use. */
export function typeName(value: Value): string {
  if (value === null) return 'NoneType'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'bigint') return 'int'
  if (typeof value === 'number') return 'float'
  if (typeof value === 'string') return 'str'
  if (Array.isArray(value)) return 'list'
  if (value instanceof Tuple) return 'tuple'
  if (value instanceof Undefined) return 'Undefined'
  if (value instanceof Stream) return 'generator'
  if (value instanceof View) return value.kind
  if (value instanceof Range) return 'range'
  if (value instanceof Markup) return 'Markup'
  return value instanceof Native ? value.typeName : 'dict'
}

export function isTrue(value: Value): boolean {
  if (value === null || value instanceof Undefined) return false
  if (typeof value !== 'object') return Boolean(value)
  if (value instanceof Markup) return value.text !== ''
  if (value instanceof Stream || value instanceof Native) return true
  return lengthOf(value) > 0
}

/** Python's `len`. Throws `TemplateError` for values without one. */
export function lengthOf(value: Value): number {
  if (typeof value === 'string') return codePoints(value).length
  if (Array.isArray(value)) return value.length
  if (value instanceof Undefined) return 0
  if (value instanceof Markup) return codePoints(value.text).length
  if (value instanceof Tuple || value instanceof View || value instanceof Range) return value.items.length
  if (isDict(value)) return value.size
  throw new TemplateError(`object of type '${typeName(value)}' has no len()`)
}

/** Python's `iter`. Throws `TemplateError` for values that cannot be gone through. */
export function iterate(value: Value): Iterable<Value> {
  if (typeof value === 'string') return value
  if (Array.isArray(value) || value instanceof Stream) return value
  if (value instanceof Undefined) return []
  if (value instanceof Tuple || value instanceof View || value instanceof Range) return value.items
  if (isDict(value)) return value.keys()
  throw new TemplateError(`'${typeName(value)}' object is not iterable`)
}

export const isDict = (value: Value): value is Dict => value instanceof Dict

const ASTRAL = /[\ud800-\udfff]/

/** The characters of a text as Python counts them; the text itself where that is the same. */
export function codePoints(text: string): string | readonly string[] {
  return ASTRAL.test(text) ? Array.from(text) : text
}

/** A whole number as an index or count. Throws `TemplateError` for other values. */
export function asIndex(value: Value): number {
  if (isInteger(value)) return Number(value)
  throw new TemplateError(`'${typeName(value)}' object cannot be interpreted as an integer`)
}

export function asText(value: Value, what: string): string {
  if (typeof value === 'string') return value
  throw new TemplateError(`${what} must be str, not ${typeName(value)}`)
}

/** What was looked up, None included, or else what stands for it. */
export const orElse = (value: Value | undefined, otherwise: () => Value): Value =>
  value === undefined ? otherwise() : value
