/** Questions for grammars: short ones have their answer at once, long ones the same answer later. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { NumberText } from '../../src/common/json/index.js'
import { answerTo, askGrammar, SHORT_QUESTION, type GrammarQuestion } from '../../src/grammar/asked-grammar.js'
import { answerGrammar } from '../../src/grammar/response-format.js'
import { InvalidArgumentError } from '../../src/spec/errors.js'
import { GENERIC_FORMAT } from '../../src/text/tools/generic-prompt.js'

const long = (schema: object): GrammarQuestion => ({
  format: { type: 'json_schema', schema: { ...schema, description: 'x'.repeat(SHORT_QUESTION) } },
})

test('a short question is answered at once, and no form at all is no question', () => {
  const format = { type: 'json_schema', schema: { type: 'string', maxLength: 9 } } as const
  assert.equal(askGrammar({ format }), answerGrammar(format))
  assert.is(askGrammar({ format: { type: 'text' } }), null)
  assert.throws(() => askGrammar({ format: { type: 'choice', choices: [] } }), /choices/)
})

test('a long question keeps digits and order on its way, and has the answer of a short one', () => {
  const schemas = [
    { enum: [new NumberText('3791411052119578828')] },
    JSON.parse('{"properties": {"b": {"maxLength": 5}, "a": {"items": {"minimum": 3}}}, "required": ["b"]}') as object,
  ]
  for (const schema of schemas) {
    const asked = askGrammar(long(schema))
    assert.ok(asked && 'question' in asked)
    assert.equal(answerTo(asked.question), answerGrammar({ type: 'json_schema', schema }))
  }
})

test('calls of many tools are a long question too', () => {
  const format = { ...GENERIC_FORMAT, open: '<', middle: ' ', next: null, close: '>', marker: '<' }
  const tools = Array.from({ length: 20 }, (_, i) => ({ name: `tool_${i}`, description: 'does something' }))
  const calls = { format, tools, required: true, several: false }
  const asked = askGrammar({ calls })
  assert.ok(asked && 'question' in asked)
  assert.match(answerTo(asked.question)!.text, /root ::= "\\U0000003c" calls/)
})

test('an object that holds itself is refused by the name of its field', () => {
  const circle: Record<string, unknown> = {}
  circle.items = circle
  assert.throws(
    () => askGrammar({ format: { type: 'json_schema', schema: circle } }),
    (error: Error) => error instanceof InvalidArgumentError && error.param === 'responseFormat',
  )
})

test.run()
