import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseJson } from '../../src/common/json/index.js'
import { ApiError } from '../../src/serve/api-error.js'
import { MOST_DEPTH, wireFields } from '../../src/serve/wire-body.js'

function refusal(body: unknown): ApiError {
  try {
    wireFields(body)
  } catch (error) {
    if (error instanceof ApiError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth))

test('null counts as left out at every depth of the wire', () => {
  assert.equal(
    wireFields({
      a: null,
      stop: ['x', null],
      messages: [{ name: null, tool_calls: [{ index: null, function: { x: null } }] }],
    }),
    { stop: ['x', null], messages: [{ tool_calls: [{ function: {} }] }] },
  )
})

test('null is a value in schemas, metadata and what clients have parsed', () => {
  const own = { a: null, b: [{ c: null }] }
  const body = {
    metadata: own,
    tools: [{ function: { parameters: own } }, { parameters: own }],
    response_format: { json_schema: { schema: own } },
    text: { format: { schema: own } },
    messages: [{ parsed: own, tool_calls: [{ function: { parsed_arguments: own } }] }],
    input: [{ content: [{ parsed: own }] }],
  }
  assert.equal(wireFields(body), body)
})

test('a value nested too deep is refused by its field, however deep and wherever', () => {
  for (const depth of [MOST_DEPTH + 1, 5000, 100_000])
    for (const body of [{ temperature: nested(depth) }, { metadata: nested(depth) }, { '1': 0, x: nested(depth) }]) {
      const { status, param, message } = refusal(body)
      assert.equal([status, param], [400, Object.keys(body).at(-1)])
      assert.match(message, /256/)
    }
  wireFields({ metadata: nested(MOST_DEPTH) })
})

test("the prototype's name is no field and no token, at any depth", () => {
  assert.is(refusal(JSON.parse('{"__proto__":1}')).param, '__proto__')
  assert.is(
    refusal(JSON.parse('{"stream_options":{"__proto__":{"include_usage":true}}}')).param,
    'stream_options.__proto__',
  )
  assert.is(refusal(JSON.parse('{"messages":[{"__proto__":{}}]}')).param, 'messages[0].__proto__')
  assert.is(refusal(JSON.parse('{"logit_bias":{"__proto__":500}}')).param, 'logit_bias')
})

test('a schema keeps its digits and its order, by being the value that came', () => {
  const body = parseJson(
    '{"response_format":{"json_schema":{"schema":{"const":3791411052119578828,"properties":{"b":{},"1":{}}}}}}',
  ) as { response_format: { json_schema: { schema: object } } }
  const { response_format: format } = wireFields(body) as typeof body
  assert.is(format.json_schema.schema, body.response_format.json_schema.schema)
})

test('a whole number in a schema that a host has rounded is refused', () => {
  const schema = { properties: { a: { enum: [1, 2 ** 60] } } }
  const { param, status } = refusal({ response_format: { json_schema: { schema } } })
  assert.equal([status, param], [400, 'response_format.json_schema.schema.properties.a.enum[1]'])
  assert.is(refusal({ tools: [{ function: { parameters: { maximum: Infinity } } }] }).status, 400)
  wireFields({ metadata: { id: 2 ** 60 } })
})

test('more values than are checked while the event loop waits are refused by their field', () => {
  const many = (count: number, value: unknown): unknown[] => Array.from({ length: count }, () => value)
  for (const [body, param] of [
    [{ messages: many(4097, { role: 'user' }) }, 'messages'],
    [{ messages: [{ content: many(4097, {}) }] }, 'messages[0].content'],
    [{ metadata: many(20_001, []) }, 'metadata'],
    [{ a: 1, prompt: many(150_001, 1) }, 'prompt'],
    [{ stop: Object.fromEntries(many(4097, 0).map((_, i) => [`k${i}`, 1])) }, 'stop'],
  ] as const) {
    const fault = refusal(body)
    assert.equal([fault.status, fault.param], [400, param])
  }
  wireFields({ messages: many(4096, { role: 'user' }), prompt: many(100_000, 1), metadata: many(5000, []) })
})

test.run()
