/** Grammars of calls: what they take, what they must not, and which tools are refused. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { InvalidArgumentError } from '../../src/spec/errors.js'
import { callGrammar } from '../../src/grammar/tool-calls.js'
import { GENERIC_FORMAT } from '../../src/text/tools/generic-prompt.js'
import type { Tool } from '../../src/text/text.js'
import { accepts } from './support/bytes.js'

const tools: Tool[] = [
  {
    name: 'weather',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string', maxLength: 5 }, days: { type: 'integer', minimum: 1, maximum: 9 } },
      required: ['city'],
    },
  },
  { name: 'now' },
  {
    name: 'deep',
    parameters: {
      $ref: '#/$defs/node',
      $defs: {
        node: {
          type: 'object',
          properties: { next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] } },
          required: ['next'],
        },
      },
    },
  },
]
const written = (...calls: [name: string, args: string][]): string =>
  `<tool_call>[${calls.map(([name, args]) => `{"name": "${name}", "arguments": ${args}}`).join(', ')}]</tool_call>`
const rules = { format: GENERIC_FORMAT, tools, required: true, several: true }

/** Calls that keep to the tools, and ones that do not. */
const GOOD = [
  written(['weather', '{"city": "Oslo"}']),
  written(['now', '{}']),
  written(['weather', '{"city": "Rome","days": 9}'], ['now', '{}'], ['deep', '{"next": {"next": null}}']),
]
const BAD = [
  written(['weather', '{"city": "London"}']),
  written(['weather', '{"city": "Oslo", "days": 10}']),
  written(['weather', '{}']),
  written(['now', '{"a": 1}']),
  written(['other', '{}']),
  written(['deep', '{"next": 1}']),
  '<tool_call>[]</tool_call>',
]

test('required calls are calls of the tools and nothing else', async () => {
  const grammar = callGrammar(rules)
  for (const text of GOOD) assert.ok(await accepts(grammar, text), text)
  for (const text of [...BAD, 'text', `text ${GOOD[0]}`, `${GOOD[0]} text`, ''])
    assert.not.ok(await accepts(grammar, text), text)
})

test('calls keep to the texts of their format, and may come behind its lead where text may', async () => {
  const format = {
    ...GENERIC_FORMAT,
    open: '{"name": "',
    middle: '", "parameters": ',
    next: null,
    close: '}',
    marker: '{"name": "',
    leads: ['<|python_tag|>'],
  }
  const call = '{"name": "weather", "parameters": {"city": "Oslo"}}'
  const free = callGrammar({ format, tools, required: false, several: true })
  for (const text of [call, `<|python_tag|>${call}`, `Well: ${call}`, 'text'])
    assert.ok(await accepts(free, text), text)
  for (const text of [`${call}${call}`, '<|python_tag|>text', `<|python_tag|>{"name": "other"`])
    assert.not.ok(await accepts(free, text), text)
  const required = callGrammar({ format, tools, required: true, several: true })
  assert.ok(await accepts(required, call))
  assert.not.ok(await accepts(required, `<|python_tag|>${call}`))
})

test('otherwise text may come, calls after it, and nothing after those', async () => {
  const grammar = callGrammar({ ...rules, required: false })
  for (const text of [...GOOD, '', 'text, <tool> and {"name": "x"}', ...GOOD.map((call) => `Well: <${call}`)])
    assert.ok(await accepts(grammar, text), text)
  for (const text of [
    ...BAD,
    ...BAD.map((call) => `text ${call}`),
    `${GOOD[0]} text`,
    '<tool_call>',
    'a <tool_call> b',
  ])
    assert.not.ok(await accepts(grammar, text), text)
})

test('where one call is asked for, or the model writes but one, a second cannot come', async () => {
  const two = GOOD[2]
  for (const one of [
    { ...rules, several: false },
    { ...rules, format: { ...GENERIC_FORMAT, next: null } },
  ]) {
    assert.ok(await accepts(callGrammar(one), GOOD[0]))
    assert.not.ok(await accepts(callGrammar(one), two))
  }
})

test('parameters that no grammar keeps are refused by tool, keyword and place', () => {
  const refused: [object, RegExp][] = [
    [
      { type: 'object', properties: { a: { type: 'array', uniqueItems: true } } },
      /#\/properties\/a\/uniqueItems.*"uniqueItems" is not supported/,
    ],
    [{ type: 'string' }, /must describe an object: its type is "string"/],
    [{ anyOf: [{ type: 'object' }, { type: 'string' }] }, /in place of "anyOf"/],
    [{ $ref: '#/$defs/a', $defs: { a: true } }, /"\$ref" points at true/],
    [{ $ref: '#/$defs/b' }, /points at "#\/\$defs\/b", which is not/],
  ]
  for (const [parameters, words] of refused) {
    try {
      callGrammar({ ...rules, tools: [tools[0], { name: 'bad', parameters }] })
      assert.unreachable(JSON.stringify(parameters))
    } catch (error) {
      assert.instance(error, InvalidArgumentError)
      assert.is((error as InvalidArgumentError).param, 'tools[1].parameters')
      assert.match((error as InvalidArgumentError).message, words)
    }
  }
})

test.run()
