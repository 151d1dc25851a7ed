/**
 * Template source to tokens, by jinja2's own rules, with the settings of chat templates: the first newline after a
 * block is dropped (`trim_blocks`), so is white space before a block on its line (`lstrip_blocks`), and one newline at
 * the end.
 */
import { unescaped } from './escapes.js'
import { isSpace, SPACE, trimEnd } from './spaces.js'
import { TemplateError } from './values.js'

export type TokenKind =
  | 'data'
  | 'begin'
  | 'end'
  | 'print'
  | 'printed'
  | 'name'
  | 'string'
  | 'int'
  | 'float'
  | 'operator'

export interface Token {
  kind: TokenKind
  value: string
  line: number
}

const DIGITS = String.raw`\d(?:_?\d)*`
const RAW = new RegExp(`\\{%([-+]?)${SPACE}*raw${SPACE}*(?:(-)%\\}${SPACE}*|%\\})`, 'y')
const END_RAW = new RegExp(`\\{%([-+]?)${SPACE}*endraw${SPACE}*(?:\\+%\\}|-%\\}${SPACE}*|%\\}\\n?)`, 'g')
const END_COMMENT = new RegExp(`(?:\\+#\\}|-#\\}${SPACE}*|#\\}\\n?)`, 'g')
const END_BLOCK = new RegExp(`(?:\\+%\\}|-%\\}${SPACE}*|%\\}\\n?)`, 'y')
const END_PRINT = new RegExp(`(?:-\\}\\}${SPACE}*|\\}\\})`, 'y')
const BLANK = new RegExp(`${SPACE}+`, 'y')
const FLOAT = new RegExp(`(?<!\\.)${DIGITS}(?:(?:\\.${DIGITS})?e[+-]?${DIGITS}|\\.${DIGITS})`, 'iy')
const INTEGER = new RegExp(`0b(?:_?[01])+|0o(?:_?[0-7])+|0x(?:_?[0-9a-f])+|[1-9](?:_?\\d)*|0(?:_?0)*`, 'iy')
const NAME = /[\p{L}\p{N}\p{M}_]+/uy
const STRING = /'[^'\\]*(?:\\[^][^'\\]*)*'|"[^"\\]*(?:\\[^][^"\\]*)*"/y
const OPERATOR = /\/\/|\*\*|==|!=|>=|<=|[-+/*%~[\](){}><=.:|,;]/y
const CLOSES: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' }

/** Throws `TemplateError` naming the line of what cannot be read. */
export function tokenize(template: string): Token[] {
  const lines = template.split(/\r\n|\r|\n/)
  if (lines.at(-1) === '') lines.pop()
  const source = lines.join('\n')
  const tokens: Token[] = []
  let at = 0
  let atLineStart = true
  let counted = 0
  let line = 1

  const lineAt = (place: number): number => {
    for (; counted < place; counted++) if (source[counted] === '\n') line++
    return line
  }
  const fail = (message: string): never => {
    throw new TemplateError(`line ${lineAt(at)}: ${message}`)
  }
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    return pattern.exec(source)
  }
  const push = (kind: TokenKind, value: string): void => void tokens.push({ kind, value, line: lineAt(at) })
  /** Moves past a tag's end and remembers whether a line begins there. */
  const pass = (end: number): void => {
    atLineStart = source[end - 1] === '\n'
    at = end
  }
  /** Text up to a tag, `sign` being the tag's own: `-` takes white space before it away, `+` keeps it. */
  const data = (text: string, sign: string, isPrint: boolean): void => {
    const lineFrom = text.lastIndexOf('\n') + 1
    let kept = text
    if (sign === '-') kept = trimEnd(text)
    else if (sign !== '+' && !isPrint && (lineFrom > 0 || atLineStart) && isSpace(text.slice(lineFrom)))
      kept = text.slice(0, lineFrom)
    if (kept !== '') push('data', kept)
  }

  function inside(close: RegExp, kind: TokenKind): void {
    const open: string[] = []
    for (;;) {
      if (at >= source.length) fail('the template ends within a tag')
      const end = open.length === 0 ? match(close) : null
      if (end) {
        push(kind, end[0])
        return pass(at + end[0].length)
      }
      const blank = match(BLANK)
      if (blank) at += blank[0].length
      else at += token(open)
    }
  }

  /** Pushes the token at this place; returns its length. */
  function token(open: string[]): number {
    const float = match(FLOAT)
    const found = float ?? match(INTEGER) ?? match(NAME) ?? match(STRING) ?? match(OPERATOR)
    if (!found) return fail(`unexpected ${JSON.stringify(source[at])}`)
    const [text] = found
    if (float) push('float', text.replaceAll('_', ''))
    else if (/^\d/.test(text)) push('int', text.replaceAll('_', ''))
    else if (/^['"]/.test(text)) push('string', unescaped(text.slice(1, -1)))
    else if (/^[\p{L}\p{N}\p{M}_]/u.test(text)) push('name', text)
    else {
      if ('([{'.includes(text)) open.push(text)
      if (CLOSES[text] && open.pop() !== CLOSES[text]) fail(`unexpected "${text}"`)
      push('operator', text)
    }
    return text.length
  }

  while (at < source.length) {
    const next = source.slice(at).search(/\{[%{#]/)
    if (next < 0) {
      push('data', source.slice(at))
      break
    }
    const text = source.slice(at, at + next)
    at += next
    const raw = match(RAW)
    if (raw) {
      data(text, raw[1], false)
      pass(at + raw[0].length)
      const end = match(END_RAW)
      if (!end) return fail('a raw block has no end')
      data(source.slice(at, end.index), end[1], false)
      pass(end.index + end[0].length)
      continue
    }
    const sign = /[-+]/.test(source[at + 2] ?? '') ? source[at + 2] : ''
    const isPrint = source[at + 1] === '{'
    const tag = source[at + 1]
    data(text, sign, isPrint)
    if (tag === '#') {
      at += 2 + sign.length
      const end = match(END_COMMENT)
      if (!end) return fail('a comment has no end')
      pass(end.index + end[0].length)
      continue
    }
    push(isPrint ? 'print' : 'begin', tag)
    pass(at + 2 + sign.length)
    if (isPrint) inside(END_PRINT, 'printed')
    else inside(END_BLOCK, 'end')
  }
  return tokens
}
