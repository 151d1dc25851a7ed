import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { InvalidArgumentError } from '../../../src/spec/errors.js'
import { compile } from '../../../src/text/jinja/template.js'
import { templateMessages, templateTools } from '../../../src/text/tools/template-values.js'

const calling = (args: string): object[] =>
  templateMessages([{ role: 'assistant', content: '', toolCalls: [{ id: 'c1', name: 'f', arguments: args }] }])

test('arguments of a call keep their order, and whether a number is whole', () => {
  const args = '{"total": 1.0, "2024": 1, "2023": 1e2, "id": 12345678901234567890}'
  assert.is(
    compile('{{ m[0].tool_calls[0].function.arguments | tojson }}').render({ m: calling(args) }),
    '{"total": 1.0, "2024": 1, "2023": 100.0, "id": 12345678901234567890}',
  )
})

test('arguments that are no JSON object are refused by their place', () => {
  for (const args of ['[1]', '{', '"x"', 'null'])
    assert.throws(
      () => calling(args),
      (error: unknown) => error instanceof InvalidArgumentError && error.param === 'messages[0].toolCalls[0].arguments',
    )
})

test('a tool without a description or parameters has empty ones', () => {
  assert.equal(templateTools([{ name: 'now' }]), [
    {
      type: 'function',
      function: { name: 'now', description: '', parameters: { type: 'object', properties: {} } },
    },
  ])
})

test.run()
