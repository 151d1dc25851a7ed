/** Values of expressions, with the variables of a scope. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { toValue } from '../../../src/text/jinja/convert.js'
import { argumentsOf, call, evaluate } from '../../../src/text/jinja/evaluate.js'
import { parseArguments, parseExpression } from '../../../src/text/jinja/expressions.js'
import { tokenize } from '../../../src/text/jinja/lexer.js'
import { Scope } from '../../../src/text/jinja/scope.js'
import { TokenReader } from '../../../src/text/jinja/token-reader.js'
import { Dict, Native, Tuple, Undefined, type Value } from '../../../src/text/jinja/values.js'

const scope = new Scope()
const asked: string[] = []
scope.set('d', toValue({ a: 1, items: 'member' }))
scope.set('list', [1n, 2n, 3n])
scope.set('f', new Native('function', { call: (args, named) => [...args, new Dict(named)] }))
scope.set('told', new Native('function', { call: ([word]) => (asked.push(String(word)), word) }))

function reader(source: string): TokenReader {
  const read = new TokenReader(tokenize(`{{ ${source} }}`))
  read.next()
  return read
}
const valueOf = (source: string): Value => evaluate(parseExpression(reader(source)), scope)

test('literals are Python values', () => {
  assert.equal(valueOf("[1, 2.5, 'a' 'b', none, True]"), [1n, 2.5, 'ab', null, true])
  assert.equal(valueOf('(1,)'), new Tuple([1n]))
  assert.equal(
    valueOf("{'a': 1, 1: 2}"),
    new Dict([
      ['a', 1n],
      [1n, 2n],
    ]),
  )
})

test('what is not there is undefined and says what was missing once it is used', () => {
  assert.equal(valueOf('nothing'), new Undefined("'nothing' is undefined"))
  assert.equal(valueOf('d.b'), new Undefined("'dict object' has no attribute 'b'"))
  assert.instance(valueOf('1 if false'), Undefined)
  assert.throws(() => valueOf('nothing.a'), /'nothing' is undefined/)
  assert.throws(() => valueOf('nothing()'), /'nothing' is undefined/)
})

test('a point looks for a method first, brackets for a member', () => {
  assert.is(valueOf("d['items']"), 'member')
  assert.instance(valueOf('d.items'), Native)
  assert.is(valueOf('d.a'), 1n)
  assert.equal(valueOf('list[1:]'), [2n, 3n])
  assert.instance(valueOf('d[1:]'), Undefined)
})

test('only what decides is looked at: and, or, chains of comparisons, choices', () => {
  const order = (source: string): string[] => {
    asked.length = 0
    valueOf(source)
    return [...asked]
  }
  assert.equal(order("told('') and told('x')"), [''])
  assert.equal(order("told('a') or told('x')"), ['a'])
  assert.equal(order("told('b') < told('a') < told('x')"), ['b', 'a'])
  assert.equal(order("told('v') if told('t') else told('x')"), ['t', 'v'])
  assert.is(valueOf("'' or [] or 0"), 0n)
  assert.is(valueOf("1 and 'x'"), 'x')
})

test('comparisons in a chain hold if each does', () => {
  assert.is(valueOf('1 < 2 < 3'), true)
  assert.is(valueOf('1 < 3 < 2'), false)
  assert.is(valueOf('3 >= 3 != 2'), true)
  assert.is(valueOf('1 in list and 9 not in list'), true)
})

test('calls have arguments by place, by name, and out of lists and dicts', () => {
  assert.equal(valueOf("f(1, *list, x=2, **{'y': 3})"), [1n, 1n, 2n, 3n, toValue({ x: 2, y: 3 })])
  const [args, named] = argumentsOf(parseArguments(reader('(1, k=list)')), scope)
  assert.equal(args, [1n])
  assert.equal([...named], [['k', [1n, 2n, 3n]]])
  assert.throws(() => valueOf('f(**list)'), /argument after \*\* must be a mapping/)
})

test('what cannot be called is refused by its type', () => {
  assert.throws(() => call('a', [], new Map()), /'str' object is not callable/)
  assert.throws(() => call(new Native('Namespace', {}), [], new Map()), /'Namespace' object is not callable/)
})

test('filters, tests and joined texts stand in expressions', () => {
  assert.is(valueOf("list | join('-') ~ none ~ 1.0"), '1-2-3None1.0')
  assert.is(valueOf('d.a is odd'), true)
  assert.is(valueOf('d.a is not defined'), false)
  assert.is(valueOf('not -1 + 1'), true)
})

test.run()
