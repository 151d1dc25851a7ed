/** What is counted beside a grammar becomes a counter of its kind. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { counterOf, plainGrammar } from '../../src/grammar/answer-grammar.js'
import { CallCounter, callTexts } from '../../src/grammar/call-counter.js'
import { JsonCounter } from '../../src/grammar/json-counter.js'
import { GENERIC_FORMAT } from '../../src/text/tools/generic-prompt.js'

const bounds = {
  text: { least: 0, most: 2 },
  items: null,
  firsts: [],
  rest: null,
  members: new Map<string, null>(),
  others: null,
}

test("lengths of a JSON text are counted from its first byte, those of calls' arguments from their own", () => {
  const json = counterOf({ json: bounds })
  assert.instance(json, JsonCounter)
  assert.equal(
    [...Buffer.from('"abc')].map((byte) => json.push(byte)),
    [true, true, true, false],
  )
  const format = { ...GENERIC_FORMAT, open: '<', middle: ' ', next: null, close: '>', marker: '<' }
  const calls = counterOf({ calls: callTexts(format, [{ name: 'f', bounds }]) })
  assert.instance(calls, CallCounter)
  assert.equal(
    [...Buffer.from('abcd<f "abc')].map((byte) => calls.push(byte)),
    [...Array.from({ length: 10 }, () => true), false],
  )
})

test('beside a plain grammar nothing is counted', () => {
  assert.equal(plainGrammar('root ::= "a"'), { text: 'root ::= "a"', counted: null })
})

test.run()
