/**
 * JSON schemas as grammars: what they make validates (by another implementation), what they must not take they do not,
 * the rest is refused.
 */
import { Ajv2020 } from 'ajv/dist/2020.js'
import formatsModule from 'ajv-formats'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { InvalidArgumentError } from '../../src/spec/errors.js'
import { JSON_OBJECT, schemaGrammar } from '../../src/grammar/json-schema.js'
import { uniforms } from '../core/support/builders.js'
import { accepts, randomText } from './support/bytes.js'

const ajv = new Ajv2020({ strict: false })
formatsModule.default(ajv)

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

test('whatever a grammar makes parses and validates (30 random texts for each schema)', async () => {
  const uniform = uniforms(12)
  let made = 0
  for (const [schema] of CASES) {
    const grammar = schemaGrammar(schema)
    const validate = ajv.compile(schema)
    for (let i = 0; i < 30; i++) {
      const text = await randomText(grammar, uniform)
      if (text === null) continue
      made += 1
      assert.ok(validate(JSON.parse(text)), `${JSON.stringify(schema)} made ${text}`)
    }
  }
  assert.ok(made > 20 * CASES.length, `only ${made} texts came to an end`)
})

test('bounds of whole numbers are kept exactly, wherever they lie', async () => {
  const uniform = uniforms(5)
  for (let round = 0; round < 25; round++) {
    const [a, b] = [Math.floor(uniform() * 2400) - 1200, Math.floor(uniform() * 2400) - 1200]
    const [minimum, maximum] = [
      round % 5 === 0 ? undefined : Math.min(a, b),
      round % 5 === 1 ? undefined : Math.max(a, b),
    ]
    const grammar = schemaGrammar({
      type: 'integer',
      ...(minimum !== undefined && { minimum }),
      ...(maximum !== undefined && { maximum }),
    })
    const tried = [a, b]
      .flatMap((edge) => [edge - 1, edge, edge + 1])
      .concat([0, 1, -1, 9, 10, 99, 100, 101, -10, -99, 1000, 12345, -12345])
    for (const x of tried) {
      const inside = (minimum === undefined || x >= minimum) && (maximum === undefined || x <= maximum)
      assert.is(await accepts(grammar, String(x)), inside, `${x} in ${minimum}..${maximum}`)
    }
  }
})

test('JSON mode takes any object and nothing else', async () => {
  for (const text of ['{}', '{"a": [1, 2.5e3, {"b": null}], "c": "x\\ny"}']) assert.ok(await accepts(JSON_OBJECT, text))
  for (const text of ['[]', '1', '{"a": }', '{"a": "\n"}']) assert.not.ok(await accepts(JSON_OBJECT, text))
})

test('what no grammar keeps is refused with the keyword and its place', () => {
  const cases: [unknown, RegExp][] = [
    [false, /false accepts nothing/],
    [5, /an object or true; got 5/],
    [{ type: 'objekt' }, /#\/type: "type" must be one of.*"objekt"/],
    [{ type: 'object', properties: { a: { not: {} } } }, /at #\/properties\/a\/not: the keyword "not"/],
    [{ type: 'array', uniqueItems: true }, /uniqueItems/],
    [{ type: 'integer', multipleOf: 5 }, /multipleOf/],
    [{ type: 'object', patternProperties: {} }, /patternProperties/],
    [{ if: {} }, /"if"/],
    [{ type: 'object', required: ['x'] }, /"required" names "x"/],
    [{ $ref: '#/$defs/x' }, /points at "#\/\$defs\/x", which is not/],
    [{ $ref: 'other.json' }, /into the same schema/],
    [{ $ref: '#/$defs/x', minimum: 1, $defs: { x: {} } }, /"\$ref" beside "minimum"/],
    [{ allOf: [{}, {}] }, /"allOf" of several/],
    [{ oneOf: [{ type: 'integer' }, { type: 'number' }] }, /may accept the same value/],
    [{ anyOf: [] }, /at least one entry/],
    [{ type: 'string', pattern: '(' }, /the pattern "\(" has a "\("/],
    [{ type: 'string', pattern: 'a', minLength: 2 }, /only one is supported/],
    [{ type: 'string', format: 'hostname' }, /supported are date/],
    [{ type: 'string', minLength: 3, maxLength: 2 }, /greater/],
    [{ type: 'string', maxLength: 1001 }, /from 0 to 1000/],
    [{ type: 'number', minimum: 0.5 }, /whole numbers are supported/],
    [{ type: 'integer', minimum: 2, maximum: 1 }, /no number lies/],
    [{ type: 'integer', minimum: '2' }, /must be a number/],
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
