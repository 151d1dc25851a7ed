/** Lengths of arguments are counted in each call, and free text before them is not looked at. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { GENERIC_FORMAT } from '../../src/text/tools/generic-prompt.js'
import { counterOf } from '../../src/grammar/answer-grammar.js'
import { callGrammar } from '../../src/grammar/tool-calls.js'

const format = {
  ...GENERIC_FORMAT,
  open: '<call>{"name": "',
  middle: '", "arguments": ',
  next: '}, {"name": "',
  close: '}',
  marker: '<call>',
}
const tools = [
  { name: 'say', parameters: { type: 'object', properties: { text: { type: 'string', maxLength: 3 } } } },
  { name: 'add', parameters: { type: 'object', properties: { list: { type: 'array', minItems: 2 } } } },
]

function keeps(answer: string): boolean {
  const counter = counterOf(callGrammar({ format, tools, required: false, several: true }).counted!)
  return [...Buffer.from(answer)].every((byte) => counter.push(byte))
}

test('each call is held to the lengths of its own tool', () => {
  const first = '<call>{"name": "say", "arguments": {"text": "abc"}'
  assert.ok(keeps(`"text": "abcdef" ${first}}`))
  assert.not.ok(keeps('<call>{"name": "say", "arguments": {"text": "abcd'))
  assert.ok(keeps(`${first}}, {"name": "add", "arguments": {"list": [1, "abcdef"]}}`))
  assert.not.ok(keeps(`${first}}, {"name": "add", "arguments": {"list": [1]`))
  assert.not.ok(keeps(`${first}}, {"name": "say", "arguments": {"text": "abcd`))
})

test('tools without lengths need no counter', () => {
  assert.is(callGrammar({ format, tools: [{ name: 'x' }], required: true, several: true }).counted, null)
})

test.run()
