import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { tokenize } from '../../../src/text/jinja/lexer.js'
import { TokenReader } from '../../../src/text/jinja/token-reader.js'

/** Inside the braces of `{{ }}`. */
function inside(source: string): TokenReader {
  const read = new TokenReader(tokenize(`{{ ${source} }}`))
  read.next()
  return read
}

test('a word is a name, not the same letters as an operator or a text', () => {
  const read = inside("'in' in")
  assert.not(read.isWord('in'))
  read.next()
  assert.ok(read.isWord('not', 'in'))
  assert.not(read.isOperator('in'))
  assert.ok(read.skipWord('in'))
  assert.ok(read.is('printed'))
})

test('skipping moves past what is there and nothing else', () => {
  const read = inside('+ -')
  assert.not(read.skip('-'))
  assert.ok(read.skip('+') && read.skip('-'))
  assert.is(read.following.kind, 'end')
})

test('lists may end with a comma and need one between parts', () => {
  const names = (source: string): string[] => {
    const read = inside(source)
    read.next()
    return read.list(')', () => read.expect('name').value)
  }
  assert.equal(names('()'), [])
  assert.equal(names('(a, b)'), ['a', 'b'])
  assert.equal(names('(a, b,)'), ['a', 'b'])
  assert.throws(() => names('(a b)'), /line 1, at "b": expected ","/)
})

test('dotted names are read whole', () => {
  assert.is(inside('a.b.c d').dotted(), 'a.b.c')
})

test('what was expected is told with its line, also at the end', () => {
  const read = new TokenReader(tokenize('a\n{{ 5 }}'))
  read.next()
  read.next()
  assert.throws(() => read.expect('name'), /line 2, at "5": expected name/)
  read.next()
  read.next()
  assert.ok(read.done)
  assert.throws(() => read.expect('name'), /at its end: expected name/)
})

test.run()
