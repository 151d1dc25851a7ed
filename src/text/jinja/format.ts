/** Python's ways to put values into a text: `'%s' % value` and `'{}'.format(value)`. */
import { floatText, repr, str } from './print.js'
import { isDict, isInteger, isNumeric, TemplateError, Tuple, typeName, type Value } from './values.js'

const CONVERSION = /%(?:\((\w+)\))?([-+ 0#]*)(\d*)(?:\.(\d+))?([a-zA-Z%])/g

/** `text % values`: one value, a tuple of them, or a dict for names in parentheses. */
export function percent(text: string, values: Value): string {
  const list = values instanceof Tuple ? values.items : [values]
  let used = 0
  const written = text.replace(CONVERSION, (whole, name: string, flags: string, width, digits, kind: string) => {
    if (kind === '%') return '%'
    const value = name === undefined ? list[used++] : isDict(values) ? values.get(name) : undefined
    if (value === undefined) throw new TemplateError('not enough arguments for format string')
    return padded(converted(whole, value, kind, digits, flags), flags, Number(width || 0), kind)
  })
  if (used < list.length && !isDict(values)) throw new TemplateError('not all arguments converted during formatting')
  return written
}

function converted(whole: string, value: Value, kind: string, digits: string | undefined, flags: string): string {
  if (kind === 's' || kind === 'r') {
    const text = kind === 's' ? str(value) : repr(value)
    return digits === undefined ? text : Array.from(text).slice(0, Number(digits)).join('')
  }
  if (!isNumeric(value)) throw new TemplateError(`%${kind} format: a number is required, not ${typeName(value)}`)
  const sign = Number(value) >= 0 ? (flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '') : ''
  if (kind === 'd' || kind === 'i') return sign + String(isInteger(value) ? BigInt(value) : BigInt(Math.trunc(value)))
  if (kind === 'f' && Math.abs(Number(value)) < 1e21) return sign + fixed(Number(value), Number(digits ?? 6))
  if (isInteger(value) && kind === 'x') return sign + BigInt(value).toString(16)
  if (isInteger(value) && kind === 'X') return sign + BigInt(value).toString(16).toUpperCase()
  throw new TemplateError(`the conversion ${whole} is not known here`)
}

function padded(text: string, flags: string, width: number, kind: string): string {
  if (flags.includes('#')) throw new TemplateError('the flag "#" of a conversion is not known here')
  const missing = width - Array.from(text).length
  if (missing <= 0) return text
  if (flags.includes('-')) return text + ' '.repeat(missing)
  if (!flags.includes('0') || kind === 's' || kind === 'r') return ' '.repeat(missing) + text
  const sign = /^[-+ ]/.exec(text)?.[0] ?? ''
  return sign + '0'.repeat(missing) + text.slice(sign.length)
}

/** With so many digits; halves go to the even digit, which `toFixed` does not do. */
export function fixed(value: number, digits: number): string {
  const text = value.toFixed(digits)
  const isHalf = Number.isInteger(value * 2 ** (digits + 1)) && Math.abs(value * 10 ** digits) % 1 === 0.5
  if (!isHalf) return text
  const down = Math.floor(Math.abs(value) * 10 ** digits)
  const even = down % 2 === 0 ? down : down + 1
  return `${value < 0 ? '-' : ''}${(even / 10 ** digits).toFixed(digits)}`
}

const FIELD = /\{\{|\}\}|\{([^{}]*)\}|[{}]/g

/** `text.format(...)` with plain fields: `{}`, `{0}`, `{name}`. */
export function formatFields(text: string, args: readonly Value[], named: ReadonlyMap<string, Value>): string {
  let used = 0
  return text.replace(FIELD, (whole, field: string | undefined) => {
    if (whole === '{{' || whole === '}}') return whole[0]
    if (field === undefined || !/^\w*$/.test(field))
      throw new TemplateError(`the format field ${JSON.stringify(whole)} is not known here`)
    const value = field === '' ? args[used++] : /^\d+$/.test(field) ? args[Number(field)] : named.get(field)
    if (value === undefined) throw new TemplateError(`format() lacks the value of ${whole}`)
    return typeof value === 'number' ? floatText(value) : str(value)
  })
}
