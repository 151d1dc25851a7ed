/**
 * The public JSON-Schema-Test-Suite (draft 4, which its npm package holds): each schema is taken, and then its answers
 * validate by two implementations and no value the suite calls invalid is one; or it is refused by place.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Validator, type Schema } from '@cfworker/json-schema'
import { Ajv } from 'ajv'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseJson, writeJson } from '../../src/common/json/index.js'
import { InvalidArgumentError } from '../../src/spec/errors.js'
import type { AnswerGrammar } from '../../src/grammar/answer-grammar.js'
import { answerGrammar } from '../../src/grammar/response-format.js'
import { uniforms } from '../core/support/builders.js'
import { accepts, randomText } from './support/bytes.js'

interface Group {
  description: string
  schema: object
  tests: { data: unknown; valid: boolean }[]
}

const folder = join(dirname(createRequire(import.meta.url).resolve('json-schema-test-suite')), 'tests', 'draft4')
const groups = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .flatMap((name) => parseJson(readFileSync(join(folder, name), 'utf8')) as Group[])

const ajv = new Ajv({ strict: false, validateFormats: false, validateSchema: false })

function grammarOf(schema: object): AnswerGrammar | InvalidArgumentError {
  try {
    return answerGrammar({ type: 'json_schema', schema })!
  } catch (error) {
    return error as InvalidArgumentError
  }
}

test('each schema is kept, or refused with its place', async () => {
  const uniform = uniforms(4)
  let [taken, refused, answers] = [0, 0, 0]
  for (const { description, schema, tests } of groups) {
    const grammar = grammarOf(schema)
    if (grammar instanceof Error) {
      assert.instance(grammar, InvalidArgumentError, description)
      assert.match(grammar.message, /^the JSON schema cannot be used: at #/, description)
      refused += 1
      continue
    }
    taken += 1
    const [validate, other] = [ajv.compile(schema), new Validator(schema as Schema, '4')]
    for (const { data } of tests.filter(({ valid }) => !valid))
      assert.not.ok(await accepts(grammar, writeJson(data)), `${description}: ${writeJson(data)}`)
    for (let i = 0; i < 2; i++) {
      const text = await randomText(grammar, uniform, 30)
      if (text === null) continue
      answers += 1
      const value: unknown = JSON.parse(text)
      assert.ok(validate(value) && other.validate(value).valid, `${description} made ${text}`)
    }
  }
  assert.ok(taken >= 30 && refused > 0 && answers >= taken, `${taken} taken, ${refused} refused, ${answers} answers`)
})

test.run()
