/** Filters of texts. Other values are printed first, as jinja2 does. */
import { percent } from './format.js'
import { Dict, asIndex, isTrue, lengthOf, Markup, TemplateError, Tuple, type Call } from './values.js'
import { str } from './print.js'
import { lines, strip } from './cut-text.js'
import { textMethod } from './text-methods.js'
import { bind, ofOne } from './arguments.js'

/** A filter that is a text's method of the same name; `most`: arguments besides the value. */
const method =
  (name: string, most = 0): Call =>
  ([value = null, ...args], named) => {
    const call = textMethod(str(value), name)
    if (!call || args.length > most) throw new TemplateError(`${name}() takes ${most} arguments besides the value`)
    return call(args, named)
  }

const indent: Call = (args, named) => {
  const [value = null, width = 4n, first = false, blank = false] = bind(
    'indent',
    ['s', 'width', 'first', 'blank'],
    args,
    named,
  )
  const by = typeof width === 'string' ? width : ' '.repeat(Math.max(0, asIndex(width)))
  const [start = '', ...others] = lines(`${str(value)}\n`)
  const rest = others.map((line) => (line !== '' || isTrue(blank) ? by + line : line))
  return (isTrue(first) ? by : '') + [start, ...rest].join('\n')
}

const replace: Call = (args, named) => {
  const [value = null, old = null, by = null, count = null] = bind(
    'replace',
    ['s', 'old', 'new', 'count'],
    args,
    named,
    3,
  )
  const call = textMethod(str(value), 'replace')
  return call ? call([str(old), str(by), ...(count === null ? [] : [count])], new Map()) : null
}

/** Words begin after white space, hyphens and opening brackets; `str.title` has other rules. */
const title = ofOne('title', (value) =>
  str(value)
    .split(/([-\s({[<]+)/)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase())
    .join(''),
)

const truncate: Call = (args, named) => {
  const names = ['s', 'length', 'killwords', 'end', 'leeway']
  const [value = null, most = 255n, cut = false, end = '...', leeway = 5n] = bind('truncate', names, args, named)
  const text = str(value)
  const [length, tail] = [asIndex(most), str(end)]
  const points = Array.from(text)
  if (points.length <= length + asIndex(leeway ?? 5n)) return text
  const kept = points.slice(0, length - lengthOf(tail)).join('')
  if (isTrue(cut)) return kept + tail
  const space = kept.lastIndexOf(' ')
  return (space < 0 ? kept : kept.slice(0, space)) + tail
}

export const TEXT_FILTERS: Readonly<Record<string, Call>> = {
  capitalize: method('capitalize'),
  lower: method('lower'),
  upper: method('upper'),
  title,
  replace,
  indent,
  truncate,
  center: (args, named) => {
    const [value = null, width = 80n] = bind('center', ['value', 'width'], args, named)
    return textMethod(str(value), 'center')?.([width], new Map()) ?? null
  },
  trim: (args, named) => {
    const [value = null, chars = null] = bind('trim', ['value', 'chars'], args, named)
    return value instanceof Markup ? new Markup(strip(value.text, chars)) : strip(str(value), chars)
  },
  string: ofOne('string', (value) => (value instanceof Markup ? value : str(value))),
  safe: ofOne('safe', (value) => new Markup(str(value))),
  format: ([value = null, ...args], named) => {
    if (args.length > 0 && named.size > 0) throw new TemplateError("can't handle positional and keyword arguments")
    return percent(str(value), named.size > 0 ? new Dict(named) : new Tuple(args))
  },
  wordcount: ofOne('wordcount', (value) => BigInt((str(value).match(/[\p{L}\p{N}_]+/gu) ?? []).length)),
}
