/** Python's comparisons. */
import {
  hash,
  codePoints,
  isDict,
  isNumeric,
  iterate,
  Markup,
  Range,
  TemplateError,
  Tuple,
  typeName,
  Undefined,
  View,
  type Value,
} from './values.js'

export function equals(a: Value, b: Value): boolean {
  if (isNumeric(a) && isNumeric(b)) return Number(a) === Number(b) && sameWhole(a, b)
  if (a instanceof Undefined) return b instanceof Undefined
  if (a instanceof Markup || b instanceof Markup) return plain(a) === plain(b)
  if (Array.isArray(a)) return Array.isArray(b) && allEqual(a, b)
  if (a instanceof Tuple) return b instanceof Tuple && allEqual(a.items, b.items)
  if (a instanceof Range) return b instanceof Range && allEqual(a.items, b.items)
  if (a instanceof View) return b instanceof View && a.kind === b.kind && sameMembers(a.items, b.items)
  if (isDict(a)) {
    if (!isDict(b) || a.size !== b.size) return false
    return a.entries().every(([key, value]) => {
      const other = b.get(key)
      return other !== undefined && equals(value, other)
    })
  }
  return a === b
}

/** Whole numbers too large for a float are compared as such. */
function sameWhole(a: boolean | bigint | number, b: boolean | bigint | number): boolean {
  return typeof a === 'number' || typeof b === 'number' || BigInt(a) === BigInt(b)
}

const plain = (value: Value): Value => (value instanceof Markup ? value.text : value)

function allEqual(a: readonly Value[], b: readonly Value[]): boolean {
  return a.length === b.length && a.every((value, i) => equals(value, b[i]))
}

function sameMembers(a: readonly Value[], b: readonly Value[]): boolean {
  return a.length === b.length && a.every((value) => b.some((other) => equals(value, other)))
}

/**
 * Negative, zero or positive as `a` comes before, with or after `b`. Throws `TemplateError` for types without an order;
 * `operator` is named in it.
 */
export function order(a: Value, b: Value, operator: string): number {
  if (isNumeric(a) && isNumeric(b)) {
    if (typeof a !== 'number' && typeof b !== 'number')
      return BigInt(a) < BigInt(b) ? -1 : BigInt(a) > BigInt(b) ? 1 : 0
    return Number(a) - Number(b)
  }
  if (typeof a === 'string' && typeof b === 'string') return orderTexts(a, b)
  const items = itemsOf(a, b)
  if (items) {
    const at = items[0].findIndex((value, i) => i >= items[1].length || !equals(value, items[1][i]))
    if (at < 0) return items[0].length - items[1].length
    return at < items[1].length ? order(items[0][at], items[1][at], operator) : 1
  }
  const undefined_ = [a, b].find((value) => value instanceof Undefined)
  if (undefined_ instanceof Undefined) throw new TemplateError(undefined_.hint)
  throw new TemplateError(`'${operator}' not supported between instances of '${typeName(a)}' and '${typeName(b)}'`)
}

function itemsOf(a: Value, b: Value): [readonly Value[], readonly Value[]] | null {
  if (Array.isArray(a) && Array.isArray(b)) return [a, b]
  return a instanceof Tuple && b instanceof Tuple ? [a.items, b.items] : null
}

/** By code points, which JavaScript's own order is not beyond U+FFFF. */
function orderTexts(a: string, b: string): number {
  const [left, right] = [codePoints(a), codePoints(b)]
  const length = Math.min(left.length, right.length)
  for (let i = 0; i < length; i++) {
    if (left[i] !== right[i]) return (left[i].codePointAt(0) ?? 0) - (right[i].codePointAt(0) ?? 0)
  }
  return left.length - right.length
}

/** `value in container` */
export function contains(container: Value, value: Value): boolean {
  if (typeof container === 'string') {
    if (typeof value === 'string') return container.includes(value)
    throw new TemplateError(`'in <string>' requires string as left operand, not ${typeName(value)}`)
  }
  if (isDict(container)) return container.has(value)
  if (container instanceof View && container.kind === 'dict_keys') hash(value)
  for (const item of iterateIn(container)) if (equals(item, value)) return true
  return false
}

function iterateIn(container: Value): Iterable<Value> {
  if (container instanceof Markup || container === null || typeof container !== 'object')
    throw new TemplateError(`argument of type '${typeName(container)}' is not iterable`)
  return iterate(container)
}

/** Python's `is`. */
export function identical(a: Value, b: Value): boolean {
  return a === b
}
