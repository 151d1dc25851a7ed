/** Python's `str` and `repr`. */
import { isDict, Markup, Range, Stream, TemplateError, Tuple, typeName, Undefined, View, type Value } from './values.js'

/** What `{{ value }}` writes. Throws `TemplateError` for values that print an address in memory. */
export function str(value: Value): string {
  if (typeof value === 'string') return value
  if (value instanceof Markup) return value.text
  if (value instanceof Undefined) return ''
  return repr(value)
}

/** As inside a printed list. */
export function repr(value: Value): string {
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'number') return floatText(value)
  if (typeof value === 'string') return quoted(value)
  if (Array.isArray(value)) return `[${value.map(repr).join(', ')}]`
  if (value instanceof Tuple) return `(${value.items.map(repr).join(', ')}${value.items.length === 1 ? ',' : ''})`
  if (value instanceof Undefined) return 'Undefined'
  if (value instanceof View) return `${value.kind}([${value.items.map(repr).join(', ')}])`
  if (value instanceof Range) return `range(${value.start}, ${value.stop}${value.step === 1 ? '' : `, ${value.step}`})`
  if (isDict(value))
    return `{${value
      .entries()
      .map(([key, inside]) => `${repr(key)}: ${repr(inside)}`)
      .join(', ')}}`
  if (value instanceof Markup) return `Markup(${quoted(value.text)})`
  const advice = value instanceof Stream ? '; add "| list" to the template' : ''
  throw new TemplateError(`a value of type ${typeName(value)} has no text${advice}`)
}

/** The shortest digits that give the number back, with an exponent below 1e-4 and from 1e16. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  if (Object.is(value, -0)) return '-0.0'
  const [digits, power] = value.toExponential().split('e')
  const exponent = Number(power)
  if (value !== 0 && (exponent < -4 || exponent >= 16)) {
    const size = String(Math.abs(exponent)).padStart(2, '0')
    return `${digits}e${exponent < 0 ? '-' : '+'}${size}`
  }
  // JavaScript writes no exponent between 1e-6 and 1e21.
  const text = String(value)
  return text.includes('.') ? text : `${text}.0`
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }
const UNPRINTABLE = /[\\\p{C}\p{Z}]/gu

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const inside = text.replace(UNPRINTABLE, escaped)
  return quote + (quote === "'" ? inside.replaceAll("'", String.raw`\'`) : inside) + quote
}

function escaped(character: string): string {
  if (character === ' ') return character
  const known = ESCAPES[character]
  if (known !== undefined) return known
  const code = character.codePointAt(0) ?? 0
  const hex = code.toString(16)
  if (code < 0x100) return String.raw`\x${hex.padStart(2, '0')}`
  return code < 0x10000 ? String.raw`\u${hex.padStart(4, '0')}` : String.raw`\U${hex.padStart(8, '0')}`
}
