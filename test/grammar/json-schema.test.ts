/**
 * JSON schemas as grammars: what they make validates (by another implementation), what they must not take they do not,
 * the rest is refused.
 */
import { Ajv2020 } from 'ajv/dist/2020.js'
import formatsModule from 'ajv-formats'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseJson } from '../../src/common/json/index.js'
import { InvalidArgumentError } from '../../src/spec/errors.js'
import type { AnswerGrammar } from '../../src/grammar/answer-grammar.js'
import { JSON_OBJECT } from '../../src/grammar/json-rules.js'
import { answerGrammar } from '../../src/grammar/response-format.js'
import { uniforms } from '../core/support/builders.js'
import { accepts, randomText } from './support/bytes.js'

const ajv = new Ajv2020({ strict: false })
formatsModule.default(ajv)

const schemaGrammar = (schema: unknown): AnswerGrammar =>
  answerGrammar({ type: 'json_schema', schema: schema as object })!

const person = {
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 1, maxLength: 8 },
    age: { type: 'integer', minimum: 0, maximum: 130 },
    'e"x': { type: 'null' },
    tags: { type: 'array', items: { type: 'string' }, minItems: 1, maxItems: 3 },
  },
  required: ['age', 'tags'],
}

/** Schema, texts it takes, texts it must not. */
const CASES: [object | boolean, string[], string[]][] = [
  [
    person,
    ['{"age": 5, "tags": ["a"]}', '{"name": "Bo","age":130,"e\\"x": null, "tags": ["a", "b"]}'],
    [
      '{"age": 131, "tags": ["a"]}',
      '{"age": 5, "tags": []}',
      '{"tags": ["a"]}',
      '{"name": "", "age": 5, "tags": ["a"]}',
      '{"age": 5, "tags": ["a"], "more": 1}',
    ],
  ],
  [
    {
      type: 'object',
      properties: { a: { type: 'integer' }, ab: { type: 'integer' } },
      additionalProperties: { type: 'string' },
    },
    ['{}', '{"a": 1, "b": "x", "abc": ""}', '{"b": "x"}', '{"": "x"}'],
    ['{"a": "x"}', '{"ab": "x"}', '{"b": 1}', '{"\\u0061": "x"}', '{"a": 1, "a": "x"}'],
  ],
  [{ type: 'object', additionalProperties: false }, ['{}', '{ }'], ['{"a": 1}']],
  [{ required: ['a', 'b'] }, ['{"a": 1, "b": 2}', '{"a": [], "b": {}, "c": 3}'], ['{"a": 1}', '{"c": 1}']],
  [
    { type: 'array', prefixItems: [{ type: 'integer' }, { type: 'string' }], items: false },
    ['[1, "a"]'],
    ['["a", 1]', '[1, "a", 2]'],
  ],
  [
    { type: 'array', prefixItems: [{ type: 'integer' }], items: { type: 'boolean' }, minItems: 2, maxItems: 3 },
    ['[1, true]', '[1, true, false]'],
    ['[1]', '[1, true, true, true]'],
  ],
  [{ type: 'array', maxItems: 0 }, ['[]'], ['[1]']],
  [{ type: 'array', items: { type: 'integer' }, minItems: 2 }, ['[1,2]', '[1, 2, 3]'], ['[1]', '[]']],
  [{ type: 'string', pattern: '^[a-c]+$' }, ['"abc"'], ['""', '"abd"']],
  [{ type: 'string', pattern: 'b' }, ['"abc"', '"b"'], ['"ac"']],
  [{ type: 'string', pattern: '^a.\\\\"\\n?$' }, ['"ab\\\\\\""', '"ab\\\\\\"\\n"'], ['"ab\\""']],
  [{ type: 'string', format: 'date' }, ['"2024-02-28"', '"2024-12-31"'], ['"2024-02-30"', '"2024-04-31"', '"hello"']],
  [{ type: 'string', format: 'date-time' }, ['"2024-02-28T23:59:59.5Z"'], ['"2024-02-28"']],
  [{ type: 'string', format: 'uuid' }, ['"123e4567-e89b-12d3-a456-426614174000"'], ['"123"']],
  [{ type: 'string', format: 'ipv4' }, ['"255.1.0.99"'], ['"256.1.1.1"']],
  [{ type: 'string', format: 'email' }, ['"a.b@c-d.org"'], ['"ab"', '"a@b c.d"']],
  [{ type: 'string', format: 'time' }, ['"23:00:00Z"', '"01:02:03+01:00"'], ['"24:00:00Z"']],
  [
    { type: 'string', minLength: 2, maxLength: 2 },
    ['"ab"', '"é\\n"', '"\\u00e9x"', '"😀a"'],
    ['"a"', '"abc"', '"\\ud83d\\ude00"'],
  ],
  [{ type: 'number', minimum: -2, maximum: 3 }, ['-2', '-1.5', '0.25', '3.0', '3'], ['-2.1', '3.01', '4', '1e5']],
  [{ type: 'number' }, ['-0.5', '1e10', '7'], ['01', '.5', '1.']],
  [{ type: 'number', maximum: -3 }, ['-3', '-3.5', '-10'], ['-2.9', '0', '3']],
  [{ type: 'integer', exclusiveMinimum: 5, exclusiveMaximum: 8 }, ['6', '7'], ['5', '8']],
  [{ type: ['string', 'null'] }, ['"a"', 'null'], ['1']],
  [{ enum: ['a', 1, null, { a: [1] }] }, ['"a"', '1', 'null', '{"a":[1]}'], ['"b"', '2']],
  [{ type: 'string', enum: ['a', 1] }, ['"a"'], ['1']],
  [{ const: 'x"y' }, ['"x\\"y"'], ['"x"']],
  [{ anyOf: [{ type: 'string' }, { type: 'integer' }] }, ['"a"', '1'], ['true']],
  [
    {
      oneOf: [
        { type: 'object', properties: { kind: { const: 'a' }, x: { type: 'integer' } }, required: ['kind', 'x'] },
        { type: 'object', properties: { kind: { const: 'b' } }, required: ['kind'] },
      ],
    },
    ['{"kind": "a", "x": 1}', '{"kind": "b"}'],
    ['{"kind": "a"}', '{"kind": "c"}'],
  ],
  [{ allOf: [{ type: 'boolean' }] }, ['true'], ['1']],
  [
    {
      $ref: '#/$defs/node',
      $defs: {
        node: {
          type: 'object',
          properties: { value: { type: 'integer' }, next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] } },
          required: ['value', 'next'],
        },
      },
    },
    ['{"value": 1, "next": {"value": 2, "next": null}}'],
    ['{"value": 1, "next": 2}'],
  ],
  [
    {
      type: 'object',
      properties: { child: { $ref: '#' }, 'a/b': { $ref: '#/definitions/x~1y' } },
      definitions: { 'x/y': { type: 'integer' } },
    },
    ['{"child": {"child": {}}}', '{"a/b": 3}'],
    ['{"child": 1}', '{"a/b": "x"}'],
  ],
  [{ properties: { a: { type: 'integer' } } }, ['{"a": 1}', '{}'], ['1']],
  [
    {
      type: 'object',
      properties: { v: { type: 'string', maxLength: 200 } },
      required: ['v'],
      additionalProperties: false,
    },
    [`{"v": "${'é'.repeat(200)}"}`, `{"v":"${'\\n'.repeat(200)}"}`, '{"v": ""}'],
    [`{"v": "${'a'.repeat(201)}"}`, `{"v":"${'\\u00e9'.repeat(201)}"}`],
  ],
  [
    { type: 'string', minLength: 3, maxLength: 2000 },
    [`"${'a'.repeat(2000)}"`, '"abc"', '"😀\\"a"'],
    ['"ab"', '"\\u00e9a"', `"${'a'.repeat(2001)}"`],
  ],
  [
    { type: 'array', items: { type: 'boolean' }, minItems: 2, maxItems: 502 },
    [`[${Array.from({ length: 502 }, () => 'true').join(',')}]`, '[true, false]'],
    [`[${Array.from({ length: 503 }, () => 'true').join(',')}]`, '[true]', '[]'],
  ],
  [
    {
      type: 'array',
      items: { type: 'array', items: { type: 'string', maxLength: 1 }, maxItems: 2 },
      maxItems: 2,
    },
    ['[]', '[["a", "b"], []]', '[[""]]'],
    ['[["a","b","c"]]', '[["ab"]]', '[[],[],[]]'],
  ],
  [
    {
      anyOf: [
        {
          type: 'object',
          properties: { kind: { const: 'a' }, v: { type: 'string', maxLength: 3 } },
          required: ['kind'],
        },
        {
          type: 'object',
          properties: { kind: { const: 'b' }, v: { type: 'string', maxLength: 5 } },
          required: ['kind'],
        },
      ],
    },
    ['{"kind": "a", "v": "abc"}', '{"kind": "b", "v": "abc"}'],
    ['{"kind": "a", "v": "abcd"}', '{"kind": "b", "v": "abcdef"}'],
  ],
  [{ anyOf: [{ const: 'ab' }, { type: 'string', minLength: 4 }] }, ['"ab"', '"abcd"'], ['"a"', '"abc"']],
  [
    { type: 'object', properties: { a: { not: {} }, b: false, c: { type: 'null' } }, additionalProperties: false },
    ['{"c": null}', '{}'],
    ['{"a": 1}', '{"b": 1}'],
  ],
  [
    { type: 'object', propertyNames: { type: 'string' }, additionalProperties: { type: 'number' } },
    ['{"x": 1}', '{}'],
    ['{"x": "a"}'],
  ],
  [
    { type: 'object', propertyNames: { enum: ['a', 'b'] }, additionalProperties: { type: 'number' }, required: ['a'] },
    ['{"a": 1}', '{"a": 1, "b": 2}'],
    ['{"b": 1}', '{"a": 1, "c": 1}'],
  ],
  [{ propertyNames: { pattern: '^x' }, additionalProperties: { type: 'null' } }, ['{"xy": null}'], ['{"y": null}']],
  [
    { type: 'number', exclusiveMinimum: 0.5, maximum: 9.25 },
    ['0.51', '9.25', '0.500001', '3', '9.2'],
    ['0.5', '9.26', '0.50'],
  ],
  [
    { type: 'number', minimum: -2.5, exclusiveMaximum: -0.25 },
    ['-2.5', '-0.26', '-1', '-2.50'],
    ['-2.51', '-0.25', '0'],
  ],
  [{ type: 'number', exclusiveMinimum: 0 }, ['0.1', '5', '0.001'], ['0', '0.0', '-1']],
  [{ type: 'number', minimum: 1.25, maximum: 1.75 }, ['1.25', '1.5', '1.75', '1.750'], ['1.24', '1.76', '1', '2']],
  [{ type: 'number', minimum: -3.4e38, maximum: 3.4e38 }, ['-5.5', '7'], ['1e99']],
  [{ type: 'string', format: 'uri' }, ['"https://example.org/a?b=c"'], ['"example"', '"http://"']],
  [{ type: 'string', pattern: '^a|b$' }, ['"ax"', '"xb"', '"ab"'], ['"xa"', '"bx"']],
  [{ type: 'string', pattern: '^\\ud83d\\ude00$' }, ['"😀"'], ['"a"']],
  [{ type: 'array', items: { anyOf: [{ const: 1 }, { const: 'a' }] }, maxItems: 3 }, ['[1, "a", 1]'], ['[1,1,1,1]']],
  [true, ['1', '{"a": [null, {"b": "c"}]}'], ['x']],
  [{ description: 'anything' }, ['"x"'], ['x']],
]

test('each schema takes the texts it should, and not those it should not', async () => {
  for (const [schema, good, bad] of CASES) {
    const grammar = schemaGrammar(schema)
    for (const text of good) assert.ok(await accepts(grammar, text), `${JSON.stringify(schema)} must take ${text}`)
    for (const text of bad)
      assert.not.ok(await accepts(grammar, text), `${JSON.stringify(schema)} must not take ${text}`)
    const validate = ajv.compile(schema)
    for (const text of good) assert.ok(validate(JSON.parse(text)), `${text} is no example`)
  }
})

test('whatever a grammar makes parses and validates (10 random texts for each schema)', async () => {
  const uniform = uniforms(12)
  let made = 0
  for (const [schema] of CASES) {
    const grammar = schemaGrammar(schema)
    const validate = ajv.compile(schema)
    for (let i = 0; i < 10; i++) {
      const text = await randomText(grammar, uniform)
      if (text === null) continue
      made += 1
      assert.ok(validate(JSON.parse(text)), `${JSON.stringify(schema)} made ${text}`)
    }
  }
  assert.ok(made > 6 * CASES.length, `only ${made} texts came to an end`)
})

test('what leads back to itself without end never comes where there is a choice', async () => {
  const circle = { A: { $ref: '#/$defs/B' }, B: { $ref: '#/$defs/A' } }
  const loop = { $ref: '#/$defs/A' }
  const optional = { type: 'object', properties: { a: { type: 'integer' }, loop }, $defs: circle }
  const cases: [object, string, string][] = [
    [optional, '{"a": 1}', '{"loop": 1}'],
    [{ anyOf: [{ $ref: '#' }, { type: 'integer' }] }, '1', '"a"'],
    [{ type: 'array', items: loop, $defs: circle }, '[]', '[1]'],
    [{ type: ['object', 'null'], properties: { next: loop }, required: ['next'], $defs: circle }, 'null', '{}'],
    [{ additionalProperties: loop, $defs: circle }, '{}', '{"a": 1}'],
  ]
  for (const [schema, good, bad] of cases) {
    assert.ok(await accepts(schemaGrammar(schema), good), JSON.stringify(schema))
    assert.not.ok(await accepts(schemaGrammar(schema), bad), JSON.stringify(schema))
  }
})

test('values keep the digits and the order they were given in', async () => {
  const schema = parseJson('{"enum": [3791411052119578828, 1e400, {"b": 1, "1": 0.10000000000000000001}]}')
  for (const text of ['3791411052119578828', '1e400', '{"b":1,"1":0.10000000000000000001}'])
    assert.ok(await accepts(schemaGrammar(schema), text), text)
  assert.not.ok(await accepts(schemaGrammar(schema), '3791411052119578600'))
  const names = parseJson('{"properties": {"b": {"const": 1}, "1": {"const": 2}}, "required": ["b", "1"]}')
  assert.ok(await accepts(schemaGrammar(names), '{"b":1,"1":2}'))
  assert.not.ok(await accepts(schemaGrammar(names), '{"1":2,"b":1}'))
  assert.ok(await accepts(schemaGrammar({ const: 'half \ud83d' }), '"half \\ud83d"'))
})

test('JSON mode takes any object and nothing else', async () => {
  for (const text of ['{}', '{"a": [1, 2.5e3, {"b": null}], "c": "x\\ny"}']) assert.ok(await accepts(JSON_OBJECT, text))
  for (const text of ['[]', '1', '{"a": }', '{"a": "\n"}']) assert.not.ok(await accepts(JSON_OBJECT, text))
})

test('what no grammar keeps is refused with the keyword and its place', () => {
  const cases: [unknown, RegExp][] = [
    [false, /no finite text is an answer/],
    [{ not: {} }, /no finite text/],
    [{ $defs: { A: { $ref: '#/$defs/B' }, B: { $ref: '#/$defs/A' } }, $ref: '#/$defs/A' }, /leads back to itself/],
    [{ type: 'object', properties: { next: { $ref: '#' } }, required: ['next'] }, /leads back to itself/],
    [{ type: 'array', items: { $ref: '#' }, minItems: 1 }, /leads back to itself/],
    [{ anyOf: [{ $ref: '#' }, { allOf: [{ $ref: '#' }] }] }, /leads back to itself/],
    [5, /an object, true or false; got 5/],
    [{ type: 'objekt' }, /#\/type: "type" must be one of.*"objekt"/],
    [{ type: 'object', properties: { a: { not: { const: 1 } } } }, /at #\/properties\/a\/not: the keyword "not"/],
    [{ type: 'array', uniqueItems: true }, /uniqueItems/],
    [{ type: 'integer', multipleOf: 5 }, /multipleOf/],
    [{ type: 'object', patternProperties: {} }, /patternProperties/],
    [{ if: {} }, /"if"/],
    [{ properties: { a: {} }, required: ['x'] }, /"required" names "x"/],
    [{ $ref: '#/$defs/x' }, /points at "#\/\$defs\/x", which is not/],
    [{ $ref: 'other.json' }, /into the same schema/],
    [{ $ref: '#/$defs/x', minimum: 1, $defs: { x: {} } }, /"\$ref" beside "minimum"/],
    [{ allOf: [{}, {}] }, /"allOf" of several/],
    [{ oneOf: [{ type: 'integer' }, { type: 'number' }] }, /may accept the same value/],
    [{ anyOf: [] }, /at least one entry/],
    [{ type: 'string', pattern: '(' }, /the pattern "\(" has a "\("/],
    [{ type: 'string', pattern: 'a', minLength: 2 }, /lengths beside "pattern"/],
    [{ type: 'string', format: 'email', maxLength: 90 }, /lengths beside "format"/],
    [{ type: 'string', format: 'date', pattern: '^a+$' }, /something else than the format "date"/],
    [{ type: 'string', format: 'date', pattern: '^(([-0-9]+)+)+!$' }, /something else/],
    [{ properties: { 'a%b': {}, x: { $ref: '#/properties/a%b' } } }, /"%" that begins no character/],
    [{ type: 'string', pattern: '^\ud83d end$' }, /half a character/],
    [{ propertyNames: { minLength: 2, maxLength: 300 } }, /at #\/propertyNames: lengths of names .* up to 128/],
    [{ propertyNames: { enum: ['a'] }, required: ['b'] }, /"propertyNames" does not allow/],
    [{ $ref: '#/$defs/x', $defs: { x: { $id: 'http://x.y/z' } } }, /"\$id" below the top/],
    [{ oneOf: Array.from({ length: 300 }, (_, i) => ({ const: i })) }, /200 schemas at most/],
    [{ properties: { ['p'.repeat(5000)]: {} }, additionalProperties: true }, /longer than 256/],
    [{ anyOf: [{ minLength: 300 }, { maxLength: 200 }] }, /#\/anyOf\/0\/minLength: .*another alternative/],
    [{ type: 'array', maxItems: 10001 }, /"maxItems" must be a whole number from 0 to 10000/],
    [{ type: 'number', minimum: 1.5e-17 }, /decimals at most/],
    [{ type: 'number', exclusiveMinimum: 1, maximum: 1 }, /no number lies/],
    [{ type: 'string', format: 'iri' }, /supported are date/],
    [{ type: 'string', minLength: 3, maxLength: 2 }, /greater/],
    [{ type: 'string', maxLength: 8193 }, /#\/maxLength: "maxLength" must be a whole number from 0 to 8192/],
    [{ type: 'integer', minimum: 2, maximum: 1 }, /no number lies/],
    [{ type: 'integer', minimum: '2' }, /must be a number; got "2"/],
    [{ minimum: 1, minLength: 2 }, /several types/],
    [{ type: 'array', minItems: 3, maxItems: 2 }, /contradict/],
    [{ type: 'integer', enum: ['a'] }, /none of the values/],
    [
      Array.from({ length: 200 }).reduce<object>((inner) => ({ type: 'array', items: inner }), {}),
      /more than 100 deep/,
    ],
  ]
  for (const [schema, words] of cases) {
    try {
      schemaGrammar(schema)
      assert.unreachable(JSON.stringify(schema))
    } catch (error) {
      assert.instance(error, InvalidArgumentError, JSON.stringify(schema))
      assert.is((error as InvalidArgumentError).param, 'responseFormat')
      assert.match((error as Error).message, words)
    }
  }
})

test.run()
