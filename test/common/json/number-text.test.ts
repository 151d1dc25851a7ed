import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { NumberText, readNumber } from '../../../src/common/json/number-text.js'

test('a number that a double holds is that number, however it is written', () => {
  for (const [text, value] of [
    ['0', 0],
    ['-0.0', -0],
    ['1.50', 1.5],
    ['15e-1', 1.5],
    ['0.00001', 1e-5],
    ['1E3', 1000],
    ['9007199254740991', 2 ** 53 - 1],
  ] as const)
    assert.is(readNumber(text), value, text)
})

test('a number that no double holds keeps its digits and knows the nearest double', () => {
  for (const text of ['9007199254740993', '0.1234567890123456789', '1e400', '-1e400', '1e-400']) {
    const number = readNumber(text)
    assert.instance(number, NumberText, text)
    assert.is(String(number), text)
    assert.is(Number(number), Number(text))
  }
})

test('a whole number that is not safe keeps its digits even where a double holds it', () => {
  assert.instance(readNumber('9007199254740992'), NumberText)
  assert.is(JSON.stringify([readNumber('9007199254740992')]), '[9007199254740992]')
})

test.run()
