/** `tojson` as chat templates have it: Python's `json.dumps`, nothing escaped for HTML. */
import { floatText } from './print.js'
import { bind } from './arguments.js'
import { isDict, isTrue, Markup, TemplateError, Tuple, typeName, type Call, type Value } from './values.js'

interface Style {
  ascii: boolean
  indent: string | null
  comma: string
  colon: string
  sorted: boolean
}

const NAMES = ['value', 'ensure_ascii', 'indent', 'separators', 'sort_keys']

/** The value, then `ensure_ascii=False, indent=None, separators=None, sort_keys=False`. */
export const tojson: Call = (args, named) => {
  const [value = null, ascii = false, indent = null, separators = null, sorted = false] = bind(
    'tojson',
    NAMES,
    args,
    named,
  )
  const [comma, colon] = separators instanceof Tuple || Array.isArray(separators) ? pair(separators) : [null, null]
  return dump(
    value,
    {
      ascii: isTrue(ascii),
      indent: indentation(indent),
      comma: comma ?? (indent === null ? ', ' : ','),
      colon: colon ?? ': ',
      sorted: isTrue(sorted),
    },
    '\n',
  )
}

function pair(separators: Tuple | readonly Value[]): string[] {
  const items = separators instanceof Tuple ? separators.items : separators
  if (items.length === 2 && items.every((item) => typeof item === 'string')) return items.map(String)
  throw new TemplateError('separators must be two texts')
}

function indentation(indent: Value): string | null {
  if (indent === null || typeof indent === 'string') return indent
  if (typeof indent === 'bigint' || typeof indent === 'boolean') return ' '.repeat(Math.max(0, Number(indent)))
  throw new TemplateError(`indent must be a number or a text, not ${typeName(indent)}`)
}

/** `newline`: a line's end with the indentation of the value. */
function dump(value: Value, style: Style, newline: string): string {
  if (value === null) return 'null'
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (typeof value === 'number') return numberText(value)
  if (typeof value === 'string') return textOf(value, style)
  if (value instanceof Markup) return textOf(value.text, style)
  const deeper = newline + (style.indent ?? '')
  const join = (open: string, parts: readonly string[], close: string): string => {
    if (parts.length === 0 || style.indent === null) return open + parts.join(style.comma) + close
    return open + deeper + parts.join(style.comma + deeper) + newline + close
  }
  const items = Array.isArray(value) ? value : value instanceof Tuple ? value.items : null
  if (items)
    return join(
      '[',
      items.map((item) => dump(item, style, deeper)),
      ']',
    )
  if (!isDict(value)) throw new TemplateError(`Object of type ${typeName(value)} is not JSON serializable`)
  const entries = value.entries().map(([key, inside]) => [keyText(key), inside] as const)
  if (style.sorted) entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  const members = entries.map(([key, inside]) => textOf(key, style) + style.colon + dump(inside, style, deeper))
  return join('{', members, '}')
}

function keyText(key: Value): string {
  if (typeof key === 'string') return key
  if (key === null) return 'null'
  if (typeof key === 'boolean' || typeof key === 'bigint') return String(key)
  if (typeof key === 'number') return numberText(key)
  throw new TemplateError(`keys must be str, int, float, bool or None, not ${typeName(key)}`)
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return floatText(value)
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity'
}

const SHORT: Readonly<Record<string, string>> = {
  '"': String.raw`\"`,
  '\\': String.raw`\\`,
  '\n': String.raw`\n`,
  '\r': String.raw`\r`,
  '\t': String.raw`\t`,
  '\f': String.raw`\f`,
  '\b': String.raw`\b`,
}

/** A UTF-16 unit as an escape, of JSON and of a pattern. */
const unit = (code: number): string => String.raw`\u${code.toString(16).padStart(4, '0')}`

/** Without the flag for code points: each half of a pair is escaped by itself. */
const NOT_ASCII = new RegExp(`["\\\\${chars(0, 0x1f)}${chars(0x7f, 0xffff)}]`, 'g')
const SPECIAL = new RegExp(`["\\\\${chars(0, 0x1f)}]`, 'g')

function chars(from: number, to: number): string {
  return `${unit(from)}-${unit(to)}`
}

function textOf(text: string, { ascii }: Style): string {
  const escape = (one: string): string => SHORT[one] ?? unit(one.charCodeAt(0))
  return `"${text.replace(ascii ? NOT_ASCII : SPECIAL, escape)}"`
}
