/** Parses statements: what stands in `{% %}`, with the text between. */
import { parseBlockFilters, parseExpression, parsePrimary, parseTuple } from './expressions.js'
import { tokenize } from './lexer.js'
import type { Body, Expression, Parameter, Statement, Target } from './syntax.js'
import { TokenReader } from './token-reader.js'

/** Throws `TemplateError` for what is no template, and for tags that chat templates have no use for. */
export function parse(source: string): Body {
  const read = new TokenReader(tokenize(source))
  const body = parseBody(read)
  if (!read.done) read.fail('unexpected end tag')
  return body
}

/** Up to a tag that begins with one of the words, or the end of the template. */
function parseBody(read: TokenReader, ...ends: string[]): Statement[] {
  const body: Statement[] = []
  while (!read.done) {
    const token = read.next()
    if (token.kind === 'data') body.push({ type: 'data', text: token.value })
    else if (token.kind === 'print') {
      body.push({ type: 'print', value: parseTuple(read) })
      read.expect('printed')
    } else if (read.isWord(...ends)) return body
    else body.push(parseStatement(read))
  }
  if (ends.length > 0) read.fail(`expected {% ${ends.at(-1)} %}`)
  return body
}

/** A body with its end tag, of which `end` is the word. */
function parseBlock(read: TokenReader, end: string): Statement[] {
  read.expect('end')
  const body = parseBody(read, end)
  close(read)
  return body
}

function close(read: TokenReader): void {
  read.next()
  read.expect('end')
}

function parseStatement(read: TokenReader): Statement {
  const tag = read.expect('name').value
  switch (tag) {
    case 'if':
      return parseIf(read)
    case 'for':
      return parseFor(read)
    case 'set':
      return parseSet(read)
    case 'macro': {
      const name = read.expect('name').value
      const parameters = parseParameters(read)
      const body = parseBlock(read, 'endmacro')
      return { type: 'macro', name, parameters, body }
    }
    case 'call': {
      const parameters = read.isOperator('(') ? parseParameters(read) : []
      const call = parseExpression(read)
      if (call.type !== 'call') return read.fail('expected a call')
      return { type: 'call', parameters, call, body: parseBlock(read, 'endcall') }
    }
    case 'filter': {
      const filters = parseBlockFilters(read)
      return { type: 'filter', filters, body: parseBlock(read, 'endfilter') }
    }
    case 'with':
      return parseWith(read)
    case 'generation':
      return { type: 'scope', body: parseBlock(read, 'endgeneration') }
    case 'break':
    case 'continue':
      read.expect('end')
      return { type: tag }
  }
  return read.fail(`the tag {% ${tag} %} is not known`)
}

function parseIf(read: TokenReader): Statement {
  const branches: { test: Expression; body: Body }[] = []
  let otherwise: Body = []
  do {
    const test = parseTuple(read, false)
    read.expect('end')
    branches.push({ test, body: parseBody(read, 'elif', 'else', 'endif') })
  } while (read.skipWord('elif'))
  if (read.skipWord('else')) {
    read.expect('end')
    otherwise = parseBody(read, 'endif')
  }
  close(read)
  return { type: 'if', branches, otherwise }
}

function parseFor(read: TokenReader): Statement {
  const target = parseTarget(read, 'in')
  read.expect('name', 'in')
  const over = parseTuple(read, false, 'recursive')
  const test = read.skipWord('if') ? parseExpression(read) : null
  const recursive = read.skipWord('recursive')
  read.expect('end')
  const body = parseBody(read, 'else', 'endfor')
  let otherwise: Body = []
  if (read.skipWord('else')) {
    read.expect('end')
    otherwise = parseBody(read, 'endfor')
  }
  close(read)
  return { type: 'for', target, over, test, recursive, body, otherwise }
}

function parseSet(read: TokenReader): Statement {
  const target = parseSetTarget(read)
  if (read.skip('=')) {
    const value = parseTuple(read)
    read.expect('end')
    return { type: 'set', target, value }
  }
  const filters = read.skip('|') ? parseBlockFilters(read) : []
  return { type: 'capture', target, filters, body: parseBlock(read, 'endset') }
}

function parseSetTarget(read: TokenReader): Target {
  if (read.is('name') && read.following.kind === 'operator' && read.following.value === '.') {
    const namespace = read.next().value
    read.next()
    return { type: 'member', namespace, name: read.expect('name').value }
  }
  return parseTarget(read, '=')
}

/** A name, or names with commas between them, up to `end`. */
function parseTarget(read: TokenReader, end: string): Target {
  const items: Target[] = []
  let isTuple = false
  while (!read.isWord(end) && !read.isOperator(end) && !read.is('end')) {
    items.push(targetOf(read))
    if (!read.skip(',')) break
    isTuple = true
  }
  if (isTuple) return { type: 'tuple', items }
  return items[0] ?? read.fail('expected a name')
}

function targetOf(read: TokenReader): Target {
  const asTarget = (expression: Expression): Target => {
    if (expression.type === 'name') return expression
    if (expression.type === 'tuple') return { type: 'tuple', items: expression.items.map(asTarget) }
    return read.fail('values can be given to names only')
  }
  return asTarget(parsePrimary(read))
}

function parseWith(read: TokenReader): Statement {
  const sets: { target: Target; value: Expression }[] = []
  while (!read.is('end')) {
    if (sets.length > 0) read.expect('operator', ',')
    const target = targetOf(read)
    read.expect('operator', '=')
    sets.push({ target, value: parseExpression(read) })
  }
  return { type: 'with', sets, body: parseBlock(read, 'endwith') }
}

function parseParameters(read: TokenReader): Parameter[] {
  const parameters: Parameter[] = []
  read.expect('operator', '(')
  while (!read.skip(')')) {
    if (parameters.length > 0) read.expect('operator', ',')
    const name = read.expect('name').value
    const fallback = read.skip('=') ? parseExpression(read) : null
    if (!fallback && parameters.at(-1)?.fallback) read.fail('a parameter without default after one with')
    parameters.push({ name, fallback })
  }
  return parameters
}
