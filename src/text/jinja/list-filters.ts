/** Filters of lists and dicts. */
import { order } from './compare.js'
import {
  hash,
  asIndex,
  codePoints,
  isDict,
  isTrue,
  orElse,
  iterate,
  lengthOf,
  Markup,
  Stream,
  TemplateError,
  Tuple,
  typeName,
  Undefined,
  View,
  type Call,
  type Value,
} from './values.js'
import { attributePath } from './attribute-path.js'
import { calculate } from './operators.js'
import { str } from './print.js'
import { bind, ofOne } from './arguments.js'

/** Texts are compared without regard to case unless asked. */
const folded = (value: Value, exact: Value): Value =>
  typeof value === 'string' && !isTrue(exact) ? value.toLowerCase() : value

/** Python's `sorted`; what is equal keeps its order, reversed or not. */
function sorted<T>(items: readonly T[], key: (item: T) => Value, reverse: boolean): T[] {
  const keyed = items.map((item) => ({ item, key: key(item) }))
  const compare = (a: { key: Value }, b: { key: Value }): number => order(a.key, b.key, '<')
  keyed.sort(reverse ? (a, b) => compare(b, a) : compare)
  return keyed.map(({ item }) => item)
}

const sort: Call = (args, named) => {
  const names = ['value', 'reverse', 'case_sensitive', 'attribute']
  const [value = null, reverse = false, exact = false, attribute = null] = bind('sort', names, args, named)
  const paths = attribute === null ? [] : str(attribute).split(',')
  const key = (item: Value): Value => {
    if (paths.length === 0) return folded(item, exact)
    return paths.length === 1
      ? folded(attributePath(item, attribute), exact)
      : new Tuple(paths.map((path) => folded(attributePath(item, path), exact)))
  }
  return sorted([...iterate(value)], key, isTrue(reverse))
}

const dictsort: Call = (args, named) => {
  const names = ['value', 'case_sensitive', 'by', 'reverse']
  const [value = null, exact = false, by = 'key', reverse = false] = bind('dictsort', names, args, named)
  if (!isDict(value)) throw new TemplateError(`dictsort is for dicts; got ${typeName(value)}`)
  if (by !== 'key' && by !== 'value') throw new TemplateError('You can only sort by either "key" or "value"')
  const at = by === 'key' ? 0 : 1
  return sorted(value.entries(), (entry) => folded(entry[at], exact), isTrue(reverse)).map((entry) => new Tuple(entry))
}

const unique: Call = (args, named) => {
  const [value = null, exact = false, attribute = null] = bind(
    'unique',
    ['value', 'case_sensitive', 'attribute'],
    args,
    named,
  )
  const seen = new Set<string>()
  const kept = [...iterate(value)].filter((item) => {
    const key = hash(folded(attribute === null ? item : attributePath(item, attribute), exact))
    return seen.has(key) ? false : seen.add(key)
  })
  return new Stream(kept)
}

const extreme =
  (name: string, sign: 1 | -1): Call =>
  (args, named) => {
    const [value = null, exact = false, attribute = null] = bind(
      name,
      ['value', 'case_sensitive', 'attribute'],
      args,
      named,
    )
    const key = (item: Value): Value => folded(attribute === null ? item : attributePath(item, attribute), exact)
    const items = [...iterate(value)]
    if (items.length === 0) return new Undefined('No aggregated item, sequence was empty.')
    return items.reduce((best, item) => (order(key(item), key(best), sign < 0 ? '<' : '>') * sign > 0 ? item : best))
  }

const join: Call = (args, named) => {
  const [value = null, by = '', attribute = null] = bind('join', ['value', 'd', 'attribute'], args, named)
  const items = [...iterate(value)]
  return items.map((item) => str(attribute === null ? item : attributePath(item, attribute))).join(str(by))
}

const sum: Call = (args, named) => {
  const [value = null, attribute = null, start = 0n] = bind('sum', ['iterable', 'attribute', 'start'], args, named)
  const items = [...iterate(value)].map((item) => (attribute === null ? item : attributePath(item, attribute)))
  return items.reduce<Value>((total, item) => calculate('+', total, item), start)
}

/** How many rows or columns are asked for: one at least, since with none no item would have a place. */
function sizeOf(count: Value, filter: string): number {
  const size = asIndex(count)
  if (size < 1) throw new TemplateError(`${filter} needs a number of 1 or more; got ${size}`)
  return size
}

const batch: Call = (args, named) => {
  const [value = null, count = null, fill = null] = bind('batch', ['value', 'linecount', 'fill_with'], args, named, 2)
  const [items, size] = [[...iterate(value)], sizeOf(count, 'batch')]
  const batches: Value[][] = []
  for (let from = 0; from < items.length; from += size) batches.push(items.slice(from, from + size))
  const last = batches.at(-1)
  if (fill !== null && last) while (last.length < size) last.push(fill)
  return new Stream(batches)
}

const slice: Call = (args, named) => {
  const [value = null, count = null, fill = null] = bind('slice', ['value', 'slices', 'fill_with'], args, named, 2)
  const [items, slices] = [[...iterate(value)], sizeOf(count, 'slice')]
  const [size, longer] = [Math.floor(items.length / slices), items.length % slices]
  const columns = Array.from({ length: slices }, (_, i): Value[] => {
    const from = i * size + Math.min(i, longer)
    const column = items.slice(from, from + size + (i < longer ? 1 : 0))
    return fill !== null && i >= longer ? [...column, fill] : column
  })
  return new Stream(columns)
}

const first = ofOne('first', (value) => {
  for (const item of iterate(value)) return item
  return new Undefined('No first item, sequence was empty.')
})

/** The items from the last to the first, of what has both a length and places. */
function backwards(value: Value): Value[] {
  if (value instanceof Stream) throw new TemplateError(`'generator' object is not reversible`)
  return [...iterate(typeof value === 'string' ? [...codePoints(value)] : value)].reverse()
}

const last = ofOne('last', (value) =>
  orElse(backwards(value)[0], () => new Undefined('No last item, sequence was empty.')),
)

export const LIST_FILTERS: Readonly<Record<string, Call>> = {
  batch,
  count: ofOne('count', (value) => BigInt(lengthOf(value))),
  length: ofOne('length', (value) => BigInt(lengthOf(value))),
  default: (args, named) => defaulted(args, named),
  d: (args, named) => defaulted(args, named),
  dictsort,
  first,
  items: ofOne('items', (value) => {
    if (value instanceof Undefined) return new Stream([])
    if (!isDict(value)) throw new TemplateError('Can only get item pairs from a mapping.')
    return new Stream(value.entries().map((entry) => new Tuple(entry)))
  }),
  join,
  last,
  list: ofOne('list', (value) => [...iterate(value instanceof Markup ? value.text : value)]),
  max: extreme('max', 1),
  min: extreme('min', -1),
  reverse: ofOne('reverse', (value) => {
    if (typeof value === 'string') return [...codePoints(value)].reverse().join('')
    if (value instanceof View) return new Stream([...value.items].reverse())
    return new Stream(backwards(value))
  }),
  slice,
  sort,
  sum,
  unique,
}

function defaulted(args: readonly Value[], named: ReadonlyMap<string, Value>): Value {
  const [value = null, otherwise = '', falsy = false] = bind(
    'default',
    ['value', 'default_value', 'boolean'],
    args,
    named,
  )
  return value instanceof Undefined || (isTrue(falsy) && !isTrue(value)) ? otherwise : value
}
