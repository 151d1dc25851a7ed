import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { responseFormat, toResponseFormat } from '../../src/serve/wire-response-format.js'
import { chat, refusal } from './support.js'

test("a schema is taken out of OpenAI's envelope, the very same object; other kinds stay as they are", () => {
  const schema = { type: 'object', properties: { b: {}, 1: {} } }
  const format = responseFormat.parse({ type: 'json_schema', json_schema: { name: 'x', strict: true, schema } })
  const told = toResponseFormat(format)
  assert.equal(told, { type: 'json_schema', schema })
  assert.is((told as { schema: object }).schema, schema)
  for (const other of [
    { type: 'text' },
    { type: 'json_object' },
    { type: 'regex', pattern: 'a+' },
    { type: 'choice', choices: ['a', 'b'] },
    { type: 'grammar', grammar: 'root ::= "a"' },
  ])
    assert.equal(chat({ response_format: other }).request.responseFormat, other)
})

test('a kind without what it needs is refused at that place', () => {
  for (const [format, param] of [
    [{ type: 'json_schema', json_schema: { name: 'x' } }, 'response_format.json_schema.schema'],
    [{ type: 'json_schema', json_schema: { schema: 5 } }, 'response_format.json_schema.schema'],
    [{ type: 'regex' }, 'response_format.pattern'],
    [{ type: 'choice', choices: [] }, 'response_format.choices'],
    [{ type: 'choice', choices: ['a', ''] }, 'response_format.choices[1]'],
    [{ type: 'text', pattern: 'a' }, 'response_format.pattern'],
  ] as const)
    assert.is(refusal(() => chat({ response_format: format })).param, param)
})

test.run()
