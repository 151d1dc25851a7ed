/** Escapes of string literals, as Python's "unicode-escape" reads them. */
import { TemplateError } from './values.js'

const SIMPLE: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '\n': '',
}
const ESCAPE = /\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{1,3}|[^])/g

/** Unknown escapes keep their backslash. Throws `TemplateError` for unfinished ones. */
export function unescaped(text: string): string {
  return text.replace(ESCAPE, (whole: string, escape: string) => {
    const known = SIMPLE[escape]
    if (known !== undefined) return known
    if (/^[0-7]/.test(escape)) return String.fromCodePoint(parseInt(escape, 8))
    if (escape.length > 1 && /^[xuU]/.test(escape)) return codePoint(parseInt(escape.slice(1), 16), whole)
    if (/^[xuUN]$/.test(escape)) throw new TemplateError(`unfinished escape ${whole}`)
    return whole
  })
}

function codePoint(code: number, written: string): string {
  if (code > 0x10ffff) throw new TemplateError(`${written} is no character`)
  return String.fromCodePoint(code)
}
