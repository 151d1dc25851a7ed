/** How tightly operators bind, and what is no expression. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseArguments, parseBlockFilters, parseExpression, parseTuple } from '../../../src/text/jinja/expressions.js'
import { tokenize } from '../../../src/text/jinja/lexer.js'
import { TokenReader } from '../../../src/text/jinja/token-reader.js'
import type { Expression } from '../../../src/text/jinja/syntax.js'

function reader(source: string): TokenReader {
  const read = new TokenReader(tokenize(`{{ ${source} }}`))
  read.next()
  return read
}

/** The expression as Lisp would write it. */
function shape(source: string): string {
  const read = reader(source)
  const found = written(parseTuple(read))
  read.expect('printed')
  return found
}

function written(of: Expression): string {
  const list = (...parts: (string | Expression)[]): string =>
    `(${parts.map((part) => (typeof part === 'string' ? part : written(part))).join(' ')})`
  switch (of.type) {
    case 'name':
      return of.name
    case 'constant':
      return typeof of.value === 'string' ? `"${of.value}"` : String(of.value)
    case 'unary':
      return list(of.operator, of.of)
    case 'binary':
    case 'logic':
      return list(of.operator, of.left, of.right)
    case 'concat':
      return list('~', ...of.parts)
    case 'compare':
      return list('compare', of.first, ...of.rest.flatMap(({ operator, value }) => [operator, value]))
    case 'choice':
      return list('if', of.test, of.value, of.otherwise ?? '-')
    case 'filter':
      return list(`|${of.name}`, of.of, ...of.args.positional)
    case 'test':
      return list(of.negated ? `is not ${of.name}` : `is ${of.name}`, of.of, ...of.args.positional)
    case 'attribute':
      return list('.', of.of, of.name)
    case 'item':
      return list('[]', of.of, of.key)
    case 'slice':
      return list('[:]', of.of, of.start ?? '-', of.stop ?? '-', of.step ?? '-')
    case 'call':
      return list('call', of.callee, ...of.args.positional)
    case 'list':
    case 'tuple':
      return list(of.type, ...of.items)
    case 'dict':
      return list('dict', ...of.entries.flatMap(({ key, value }) => [key, value]))
  }
}

test('operators bind as in jinja2, the tightest last', () => {
  for (const [source, expected] of [
    ['a or b and not c', '(or a (and b (not c)))'],
    ['not a == b', '(not (compare a == b))'],
    ['a < b + 1 < c', '(compare a < (+ b 1) < c)'],
    ['a not in b', '(compare a not in b)'],
    ['a + b ~ c * d', '(+ a (~ b (* c d)))'],
    ['a - b - c', '(- (- a b) c)'],
    ['a // b % c', '(% (// a b) c)'],
    ['2 ** 3 ** 2', '(** (** 2 3) 2)'],
    ['-a ** 2', '(** (- a) 2)'],
    ['-a | abs', '(|abs (- a))'],
    ['-a.b', '(- (. a b))'],
    ['a | f | g(1) is h', '(is h (|g (|f a) 1))'],
    ['a if b else c if d', '(if b a (if d c -))'],
    ['(a or b) and c', '(and (or a b) c)'],
  ])
    assert.is(shape(source), expected, source)
})

test('members, places and slices follow a value', () => {
  for (const [source, expected] of [
    ["a.b[0]['c'].1", '([] ([] ([] (. a b) 0) "c") 1)'],
    ['a[1:]', '([:] a 1 - -)'],
    ['a[:-1]', '([:] a - (- 1) -)'],
    ['a[::2]', '([:] a - - 2)'],
    ['a[1, 2]', '([] a (tuple 1 2))'],
    ['a[b[1:]]', '([] a ([:] b 1 - -))'],
    ['f(1)(2).g()', '(call (. (call (call f 1) 2) g))'],
  ])
    assert.is(shape(source), expected, source)
})

test('lists, tuples and dicts may end with a comma', () => {
  for (const [source, expected] of [
    ['1, 2', '(tuple 1 2)'],
    ['1,', '(tuple 1)'],
    ['()', '(tuple)'],
    ['(1)', '1'],
    ['[1, [2,],]', '(list 1 (list 2))'],
    ["{'a': 1,}", '(dict "a" 1)'],
  ])
    assert.is(shape(source), expected, source)
})

test("a test's one argument may stand without parentheses, if it is no operator's word", () => {
  for (const [source, expected] of [
    ['a is divisibleby 3 and b', '(and (is divisibleby a 3) b)'],
    ['a is not in [1]', '(is not in a (list 1))'],
    ['a is defined or b', '(or (is defined a) b)'],
    ['a is eq b.c', '(is eq a (. b c))'],
  ])
    assert.is(shape(source), expected, source)
  assert.throws(() => shape('a is b is c'), /tests cannot be chained/)
})

test('arguments stand in order: by place, by name, spread', () => {
  const args = parseArguments(reader('(1, *b, c=2, **d)'))
  assert.equal(args.positional.length, 1)
  assert.equal(args.spread, { type: 'name', name: 'b' })
  assert.equal(
    args.named.map(({ name }) => name),
    ['c'],
  )
  assert.equal(args.spreadNamed, { type: 'name', name: 'd' })
  for (const source of ['(a=1, 2)', '(*a, 2)', '(*a, *b)', '(**a, **b)', '(**a, *b)', '(**a, b=1)'])
    assert.throws(
      () => parseArguments(reader(source)),
      /stands? twice|positional argument after|an argument after/,
      source,
    )
})

test('filters of a block are read in order', () => {
  const filters = parseBlockFilters(reader("upper | replace('a', 'b') | trim"))
  assert.equal(
    filters.map(({ name, args }) => [name, args.positional.length]),
    [
      ['upper', 0],
      ['replace', 2],
      ['trim', 0],
    ],
  )
})

test('a choice may be left to what comes after', () => {
  const read = reader('a if b')
  assert.equal(parseExpression(read, false), { type: 'name', name: 'a' })
  assert.ok(read.isWord('if'))
})

test('what is no expression is refused by its line', () => {
  for (const source of ['', '1 +', 'a.', 'a[]', 'a[1:2, 3]', "{'a'}", 'a | 5', 'f(a b)', '(1 2)'])
    assert.throws(() => shape(source), /line 1/, source)
})

test.run()
