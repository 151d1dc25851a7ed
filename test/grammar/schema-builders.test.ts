/** What schema builders write for their common types is taken, and its answers satisfy the builder itself. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import * as z from 'zod'
import { answerGrammar } from '../../src/grammar/response-format.js'
import { uniforms } from '../core/support/builders.js'
import { randomText } from './support/bytes.js'

const TYPES: Record<string, z.ZodType> = {
  string: z.string().min(1).max(200),
  email: z.email(),
  url: z.url(),
  httpUrl: z.httpUrl(),
  uuid: z.uuid(),
  uuidv4: z.uuidv4(),
  uuidv7: z.uuidv7(),
  nanoid: z.nanoid(),
  cuid: z.cuid(),
  ulid: z.ulid(),
  base64: z.base64(),
  e164: z.e164(),
  ipv4: z.ipv4(),
  ipv6: z.ipv6(),
  cidrv4: z.cidrv4(),
  date: z.iso.date(),
  time: z.iso.time(),
  datetime: z.iso.datetime(),
  datetimeWithOffset: z.iso.datetime({ offset: true }),
  duration: z.iso.duration(),
  hostname: z.hostname(),
  regex: z.string().regex(/^a.b\d+$/),
  number: z.number().gt(0.5).lte(9.25),
  positive: z.number().positive(),
  float32: z.float32(),
  int: z.int(),
  boolean: z.boolean(),
  null: z.null(),
  list: z.array(z.string().max(3)).min(1).max(5),
  tuple: z.tuple([z.string(), z.number()]),
  tupleWithRest: z.tuple([z.string()], z.number()),
  object: z.object({ a: z.string().optional(), b: z.number() }),
  loose: z.looseObject({ a: z.string() }),
  record: z.record(z.string(), z.number()),
  recordOfEnum: z.record(z.enum(['a', 'b']), z.number()),
  partialRecord: z.partialRecord(z.enum(['a', 'b']), z.number()),
  union: z.union([z.string(), z.number()]),
  discriminated: z.discriminatedUnion('k', [
    z.object({ k: z.literal('a') }),
    z.object({ k: z.literal('b'), n: z.string().max(9) }),
  ]),
  intersection: z.intersection(z.object({ a: z.string() }), z.object({ b: z.string() })),
  enum: z.enum(['a', 'b']),
  literal: z.literal([1, 'a']),
  nullable: z.string().nullable(),
  template: z.templateLiteral(['a', z.number()]),
  never: z.object({ a: z.never().optional(), b: z.null() }),
}

test('each type in both drafts makes answers that the type itself takes (3 random texts for each)', async () => {
  const uniform = uniforms(8)
  let made = 0
  for (const [name, type] of Object.entries(TYPES)) {
    for (const target of ['draft-2020-12', 'draft-7'] as const) {
      const grammar = answerGrammar({ type: 'json_schema', schema: z.toJSONSchema(type, { target }) })!
      for (let i = 0; i < 3; i++) {
        const text = await randomText(grammar, uniform, 30)
        if (text === null) continue
        made += 1
        const { success } = type.safeParse(JSON.parse(text))
        assert.ok(success, `${name} made ${text}`)
      }
    }
  }
  assert.ok(made > 4 * Object.keys(TYPES).length, `only ${made} texts came to an end`)
})

test.run()
