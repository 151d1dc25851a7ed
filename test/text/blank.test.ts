import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { unspelled, withoutBlanksAtEnd, withoutBlanksAtStart } from '../../src/text/blank.js'

test("pieces' blanks are blanks in text", () => {
  assert.is(unspelled('▁a▁▁b'), ' a  b')
})

test('white space is what Unicode says: next line is, a byte order mark is not', () => {
  assert.is(withoutBlanksAtEnd('a\ufeff \u0085\u3000\n'), 'a\ufeff')
  assert.is(withoutBlanksAtStart(' \u0085\ufeffa '), '\ufeffa ')
  assert.is(withoutBlanksAtStart('ab  c', 2), 'c')
  assert.is(withoutBlanksAtEnd('  '), '')
})

test.run()
