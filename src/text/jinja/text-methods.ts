/** The methods of Python's `str`. */
import { formatFields } from './format.js'
import { lines, split, strip } from './cut-text.js'
import { isSpace } from './spaces.js'
import {
  asIndex,
  asText,
  codePoints,
  iterate,
  lengthOf,
  TemplateError,
  Tuple,
  typeName,
  type Call,
  type Value,
} from './values.js'
import { bind } from './arguments.js'

type Method = (text: string, ...args: (Value | undefined)[]) => Value

/** Index in code points, -1 where it is not; `start` and `stop` bound the search. */
function find(
  text: string,
  part: Value | undefined,
  start: Value | undefined,
  stop: Value | undefined,
  last: boolean,
): number {
  const sought = asText(part ?? null, 'what is sought')
  const points = Array.from(text)
  const [from, to] = bounds(points.length, start, stop)
  const within = points.slice(from, to).join('')
  const at = from > points.length || to < from ? -1 : last ? within.lastIndexOf(sought) : within.indexOf(sought)
  return at < 0 ? -1 : from + lengthOf(within.slice(0, at))
}

function bounds(length: number, start: Value | undefined, stop: Value | undefined): [number, number] {
  const place = (value: Value | undefined, otherwise: number): number => {
    if (value === undefined || value === null) return otherwise
    const index = asIndex(value)
    return index < 0 ? Math.max(0, index + length) : index
  }
  return [place(start, 0), Math.min(length, place(stop, length))]
}

function affixed(
  text: string,
  affix: Value | undefined,
  start: Value | undefined,
  stop: Value | undefined,
  atEnd: boolean,
): boolean {
  const points = codePoints(text)
  const [from, to] = bounds(points.length, start, stop)
  if (from > points.length) return false
  const within = typeof points === 'string' ? points.slice(from, to) : points.slice(from, to).join('')
  const affixes = affix instanceof Tuple ? affix.items : [affix ?? null]
  return affixes.some((one) => {
    const spelling = asText(one, `the argument of ${atEnd ? 'endswith' : 'startswith'}`)
    return atEnd ? within.endsWith(spelling) : within.startsWith(spelling)
  })
}

function pad(text: string, width: Value | undefined, fill: Value | undefined, side: 'left' | 'right' | 'both'): string {
  const filler = asText(fill ?? ' ', 'the fill character')
  if (lengthOf(filler) !== 1) throw new TemplateError('The fill character must be exactly one character long')
  const missing = Math.max(0, asIndex(width ?? null) - lengthOf(text))
  const total = asIndex(width ?? null)
  // CPython puts the odd one to the left where the width is odd.
  const left = side === 'left' ? missing : side === 'right' ? 0 : (missing >> 1) + (missing & total & 1)
  return filler.repeat(left) + text + filler.repeat(missing - left)
}

const capitalize = (text: string): string => {
  const [first = '', ...rest] = text
  return first.toUpperCase() + rest.join('').toLowerCase()
}
const title = (text: string): string => text.replace(/[\p{L}\p{M}]+/gu, capitalize)
const matches =
  (pattern: RegExp): Method =>
  (text) =>
    pattern.test(text)
const cased =
  (own: RegExp, other: RegExp): Method =>
  (text) =>
    own.test(text) && !other.test(text)

/** What stands before a separator, the separator, and what stands after it; `last`: of the last one that there is. */
function partition(text: string, by: Value | undefined, last: boolean): Tuple {
  const separator = asText(by ?? null, 'the separator')
  if (separator === '') throw new TemplateError('empty separator')
  const at = last ? text.lastIndexOf(separator) : text.indexOf(separator)
  if (at < 0) return new Tuple(last ? ['', '', text] : [text, '', ''])
  return new Tuple([text.slice(0, at), separator, text.slice(at + separator.length)])
}

function replace(text: string, old: Value | undefined, by: Value | undefined, count: Value | undefined): string {
  const [from, to] = [asText(old ?? null, 'replace() argument 1'), asText(by ?? null, 'replace() argument 2')]
  const limit = count === undefined || count === null ? -1 : asIndex(count)
  if (limit < 0)
    return from === ''
      ? to +
          Array.from(text)
            .map((one) => one + to)
            .join('')
      : text.replaceAll(from, () => to)
  const parts = from === '' ? ['', ...Array.from(text), ''] : text.split(from)
  return parts.reduce((joined, part, i) => joined + (i <= limit ? to : from) + part)
}

function join(text: string, items: Value | undefined): string {
  const parts = [...iterate(items ?? null)].map((part, i) => asText(part, `sequence item ${i}: expected`))
  return parts.join(text)
}

const method = (names: string, required: number, run: Method): { names: string[]; required: number; run: Method } => ({
  names: names === '' ? [] : names.split(' '),
  required,
  run,
})

const found = (at: number): Value => {
  if (at < 0) throw new TemplateError('substring not found')
  return BigInt(at)
}

/** Each with the names of its arguments and how many it needs. */
const METHODS = new Map(
  Object.entries({
    capitalize: method('', 0, capitalize),
    casefold: method('', 0, (text) => text.toLowerCase().replaceAll('ß', 'ss')),
    center: method('width fillchar', 1, (text, width, fill) => pad(text, width, fill, 'both')),
    count: method('sub', 1, (text, part) =>
      BigInt(part === '' ? lengthOf(text) + 1 : text.split(asText(part!, 'sub')).length - 1),
    ),
    endswith: method('suffix start end', 1, (text, affix, start, stop) => affixed(text, affix, start, stop, true)),
    find: method('sub start end', 1, (text, part, start, stop) => BigInt(find(text, part, start, stop, false))),
    index: method('sub start end', 1, (text, part, start, stop) => found(find(text, part, start, stop, false))),
    isalnum: method('', 0, matches(/^[\p{L}\p{N}]+$/u)),
    isalpha: method('', 0, matches(/^\p{L}+$/u)),
    isascii: method('', 0, matches(/^\p{ASCII}*$/u)),
    isdecimal: method('', 0, matches(/^\p{Nd}+$/u)),
    isdigit: method('', 0, matches(/^[\p{Nd}²³¹⁰⁴-⁹₀-₉]+$/u)),
    islower: method('', 0, cased(/\p{Ll}/u, /[\p{Lu}\p{Lt}]/u)),
    isnumeric: method('', 0, matches(/^\p{N}+$/u)),
    isspace: method('', 0, isSpace),
    istitle: method('', 0, (text) => /\p{L}/u.test(text) && title(text) === text),
    isupper: method('', 0, cased(/\p{Lu}/u, /[\p{Ll}\p{Lt}]/u)),
    join: method('iterable', 1, join),
    ljust: method('width fillchar', 1, (text, width, fill) => pad(text, width, fill, 'right')),
    lower: method('', 0, (text) => text.toLowerCase()),
    lstrip: method('chars', 0, (text, chars) => strip(text, chars, 'start')),
    partition: method('sep', 1, (text, by) => partition(text, by, false)),
    removeprefix: method('prefix', 1, (text, affix) =>
      text.startsWith(asText(affix!, 'prefix')) ? text.slice(String(affix).length) : text,
    ),
    removesuffix: method('suffix', 1, (text, affix) =>
      affix !== '' && text.endsWith(asText(affix!, 'suffix')) ? text.slice(0, -String(affix).length) : text,
    ),
    replace: method('old new count', 2, replace),
    rfind: method('sub start end', 1, (text, part, start, stop) => BigInt(find(text, part, start, stop, true))),
    rindex: method('sub start end', 1, (text, part, start, stop) => found(find(text, part, start, stop, true))),
    rjust: method('width fillchar', 1, (text, width, fill) => pad(text, width, fill, 'left')),
    rpartition: method('sep', 1, (text, by) => partition(text, by, true)),
    rsplit: method('sep maxsplit', 0, (text, by, most) => split(text, by, most, true)),
    rstrip: method('chars', 0, (text, chars) => strip(text, chars, 'end')),
    split: method('sep maxsplit', 0, (text, by, most) => split(text, by, most, false)),
    splitlines: method('keepends', 0, (text, keep) => lines(text, keep === true)),
    startswith: method('prefix start end', 1, (text, affix, start, stop) => affixed(text, affix, start, stop, false)),
    strip: method('chars', 0, (text, chars) => strip(text, chars)),
    swapcase: method('', 0, (text) =>
      text.replace(/\p{L}/gu, (one) => (one === one.toLowerCase() ? one.toUpperCase() : one.toLowerCase())),
    ),
    title: method('', 0, title),
    upper: method('', 0, (text) => text.toUpperCase()),
    zfill: method('width', 1, (text, width) => {
      const sign = /^[-+]/.exec(text)?.[0] ?? ''
      return sign + pad(text.slice(sign.length), BigInt(asIndex(width!) - sign.length), '0', 'left')
    }),
  }),
)

/** Python has these too; a template that calls one is refused. */
const UNKNOWN = new Set(['encode', 'expandtabs', 'format_map', 'isidentifier', 'isprintable', 'maketrans', 'translate'])

/** The method of a text under this name, undefined where Python has none. */
export function textMethod(text: string, name: string): Call | undefined {
  if (name === 'format') return (args, named) => formatFields(text, args, named)
  const known = METHODS.get(name)
  if (known) return (args, named) => known.run(text, ...bind(name, known.names, args, named, known.required))
  if (UNKNOWN.has(name)) throw new TemplateError(`the method ${typeName(text)}.${name} is not known here`)
  return undefined
}
