/** Parses expressions; the order of the functions is that of jinja2's operators, loosest first. */
import type { Arguments, Expression, Filters } from './syntax.js'
import type { TokenReader } from './token-reader.js'

const CONSTANTS = new Map<string, null | boolean>([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['none', null],
  ['None', null],
])
const NONE: Arguments = { positional: [], named: [], spread: null, spreadNamed: null }
const COMPARISONS = ['==', '!=', '<', '<=', '>', '>=']

/** `a if test else b`; without `choice` only what stands before the `if`. */
export function parseExpression(read: TokenReader, choice = true): Expression {
  let value = parseOr(read)
  if (!choice) return value
  while (read.skipWord('if')) {
    const test = parseOr(read)
    value = { type: 'choice', test, value, otherwise: read.skipWord('else') ? parseExpression(read) : null }
  }
  return value
}

/** An expression, or several with commas between them. `ends`: a word that ends the list. */
export function parseTuple(read: TokenReader, choice = true, ends = ''): Expression {
  const items: Expression[] = []
  let isTuple = false
  const isEnd = (): boolean =>
    read.is('end') || read.is('printed') || read.isOperator(')') || (ends !== '' && read.isWord(ends))
  while (!isEnd()) {
    items.push(parseExpression(read, choice))
    if (!read.skip(',')) break
    isTuple = true
  }
  if (isTuple) return { type: 'tuple', items }
  return items[0] ?? read.fail('expected an expression')
}

function parseOr(read: TokenReader): Expression {
  let left = parseAnd(read)
  while (read.skipWord('or')) left = { type: 'logic', operator: 'or', left, right: parseAnd(read) }
  return left
}

function parseAnd(read: TokenReader): Expression {
  let left = parseNot(read)
  while (read.skipWord('and')) left = { type: 'logic', operator: 'and', left, right: parseNot(read) }
  return left
}

function parseNot(read: TokenReader): Expression {
  return read.skipWord('not') ? { type: 'unary', operator: 'not', of: parseNot(read) } : parseCompare(read)
}

function parseCompare(read: TokenReader): Expression {
  const first = parseSum(read)
  const rest: { operator: string; value: Expression }[] = []
  for (;;) {
    let operator = ''
    if (read.isOperator(...COMPARISONS)) operator = read.next().value
    else if (read.skipWord('in')) operator = 'in'
    else if (read.isWord('not') && read.following.kind === 'name' && read.following.value === 'in') {
      read.next()
      read.next()
      operator = 'not in'
    } else break
    rest.push({ operator, value: parseSum(read) })
  }
  return rest.length > 0 ? { type: 'compare', first, rest } : first
}

function parseSum(read: TokenReader): Expression {
  let left = parseConcat(read)
  while (read.isOperator('+', '-'))
    left = { type: 'binary', operator: read.next().value, left, right: parseConcat(read) }
  return left
}

function parseConcat(read: TokenReader): Expression {
  const parts = [parseProduct(read)]
  while (read.skip('~')) parts.push(parseProduct(read))
  return parts.length > 1 ? { type: 'concat', parts } : parts[0]
}

function parseProduct(read: TokenReader): Expression {
  let left = parsePower(read)
  while (read.isOperator('*', '/', '//', '%'))
    left = { type: 'binary', operator: read.next().value, left, right: parsePower(read) }
  return left
}

function parsePower(read: TokenReader): Expression {
  let left = parseUnary(read)
  while (read.skip('**')) left = { type: 'binary', operator: '**', left, right: parseUnary(read) }
  return left
}

/** Filters and tests bind to the whole of `-x`, members and calls to `x`. */
function parseUnary(read: TokenReader, withFilters = true): Expression {
  let value: Expression
  if (read.skip('-')) value = { type: 'unary', operator: '-', of: parseUnary(read, false) }
  else if (read.skip('+')) value = { type: 'unary', operator: '+', of: parseUnary(read, false) }
  else value = parsePrimary(read)
  value = parsePostfix(read, value)
  return withFilters ? parseFilters(read, value) : value
}

export function parsePrimary(read: TokenReader): Expression {
  const token = read.next()
  switch (token.kind) {
    case 'name': {
      const constant = CONSTANTS.get(token.value)
      return constant === undefined ? { type: 'name', name: token.value } : { type: 'constant', value: constant }
    }
    case 'string': {
      let value = token.value
      while (read.is('string')) value += read.next().value
      return { type: 'constant', value }
    }
    case 'int':
      return { type: 'constant', value: BigInt(token.value) }
    case 'float':
      return { type: 'constant', value: Number(token.value) }
    case 'operator':
      if (token.value === '(') return parseParenthesis(read)
      if (token.value === '[') return { type: 'list', items: read.list(']', () => parseExpression(read)) }
      if (token.value === '{') return { type: 'dict', entries: read.list('}', () => parseEntry(read)) }
  }
  return read.fail('expected a value', token)
}

function parseParenthesis(read: TokenReader): Expression {
  if (read.skip(')')) return { type: 'tuple', items: [] }
  const value = parseTuple(read)
  read.expect('operator', ')')
  return value
}

function parseEntry(read: TokenReader): { key: Expression; value: Expression } {
  const key = parseExpression(read)
  read.expect('operator', ':')
  return { key, value: parseExpression(read) }
}

function parsePostfix(read: TokenReader, start: Expression): Expression {
  let value = start
  for (;;) {
    if (read.skip('.')) {
      const token = read.next()
      if (token.kind === 'name') value = { type: 'attribute', of: value, name: token.value }
      else if (token.kind === 'int')
        value = { type: 'item', of: value, key: { type: 'constant', value: BigInt(token.value) } }
      else return read.fail('expected a name or a number after "."', token)
    } else if (read.skip('[')) value = parseSubscript(read, value)
    else if (read.isOperator('(')) value = { type: 'call', callee: value, args: parseArguments(read) }
    else return value
  }
}

function parseSubscript(read: TokenReader, of: Expression): Expression {
  const parts = read.list(']', (): Expression => {
    const start = read.isOperator(':') ? null : parseExpression(read)
    if (start && !read.isOperator(':')) return start
    read.expect('operator', ':')
    const isPart = (): boolean => !read.isOperator(':', ']', ',')
    const stop = isPart() ? parseExpression(read) : null
    const step = read.skip(':') && isPart() ? parseExpression(read) : null
    return { type: 'slice', of, start, stop, step }
  })
  if (parts.length === 0) return read.fail('expected a subscript')
  if (parts.length === 1) return parts[0].type === 'slice' && parts[0].of === of ? parts[0] : item(of, parts[0])
  if (parts.some((part) => part.type === 'slice' && part.of === of))
    return read.fail('a slice cannot be part of a tuple')
  return item(of, { type: 'tuple', items: parts })
}

const item = (of: Expression, key: Expression): Expression => ({ type: 'item', of, key })

function parseFilters(read: TokenReader, start: Expression): Expression {
  let value = start
  for (;;) {
    if (read.skip('|')) {
      const name = read.dotted()
      value = { type: 'filter', of: value, name, args: read.isOperator('(') ? parseArguments(read) : NONE }
    } else if (read.skipWord('is')) value = parseTest(read, value)
    else if (read.isOperator('(')) value = { type: 'call', callee: value, args: parseArguments(read) }
    else return value
  }
}

/** The filters after a block's name: `{% filter upper | trim %}`. */
export function parseBlockFilters(read: TokenReader): Filters {
  const filters: { name: string; args: Arguments }[] = []
  do {
    const name = read.dotted()
    filters.push({ name, args: read.isOperator('(') ? parseArguments(read) : NONE })
  } while (read.skip('|'))
  return filters
}

/** A test's one argument may stand without parentheses. */
function parseTest(read: TokenReader, of: Expression): Expression {
  const negated = read.skipWord('not')
  const name = read.dotted()
  let args = NONE
  if (read.isOperator('(')) args = parseArguments(read)
  else if (startsArgument(read) && !read.isWord('else', 'or', 'and')) {
    if (read.isWord('is')) read.fail('tests cannot be chained')
    args = { ...NONE, positional: [parsePostfix(read, parsePrimary(read))] }
  }
  return { type: 'test', of, name, args, negated }
}

function startsArgument(read: TokenReader): boolean {
  return read.is('name') || read.is('string') || read.is('int') || read.is('float') || read.isOperator('[', '{')
}

export function parseArguments(read: TokenReader): Arguments {
  read.expect('operator', '(')
  const positional: Expression[] = []
  const named: { name: string; value: Expression }[] = []
  let [spread, spreadNamed]: (Expression | null)[] = [null, null]
  read.list(')', () => {
    if (read.skip('**')) {
      if (spreadNamed) read.fail('"**" stands twice')
      spreadNamed = parseExpression(read)
    } else if (read.skip('*')) {
      if (spread ?? spreadNamed) read.fail('"*" stands twice or after "**"')
      spread = parseExpression(read)
    } else if (read.is('name') && read.following.kind === 'operator' && read.following.value === '=') {
      if (spreadNamed) read.fail('an argument after "**"')
      const name = read.next().value
      read.next()
      named.push({ name, value: parseExpression(read) })
    } else {
      if (named.length > 0 || spread || spreadNamed) read.fail('a positional argument after named ones')
      positional.push(parseExpression(read))
    }
  })
  return { positional, named, spread, spreadNamed }
}
