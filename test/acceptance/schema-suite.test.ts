/**
 * The public JSON-Schema-Test-Suite, drafts 2019-09 and 2020-12: each schema is taken, and then its answers validate by
 * two implementations and no value the suite calls invalid is one; or it is refused by place. `SCHEMA_SUITE` names the
 * folder of a checkout of github.com/json-schema-org/JSON-Schema-Test-Suite; its npm package has older drafts alone.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Validator, type Schema } from '@cfworker/json-schema'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseJson, writeJson } from '../../src/common/json/index.js'
import { answerGrammar } from '../../src/grammar/response-format.js'
import { InvalidArgumentError } from '../../src/spec/errors.js'
import { uniforms } from '../core/support/builders.js'
import { accepts, byteGrammars, randomText } from '../grammar/support/bytes.js'

interface Group {
  description: string
  schema: object | boolean
  tests: { data: unknown; valid: boolean }[]
}

const DRAFTS = [
  { name: 'draft2019-09', version: '2019-09', Validating: Ajv2019 },
  { name: 'draft2020-12', version: '2020-12', Validating: Ajv2020 },
] as const
const ANSWERS = 4
/** Both validators look for these members in prototypes too; `{}` is right, the suite itself says so. */
const MISJUDGED = 'properties whose names are Javascript object property names'
const PLACED = /^the JSON schema cannot be used: at #/

const folder = process.env.SCHEMA_SUITE
const schemas = suite('schema suite')
schemas.after(() => byteGrammars.close())

/** What a validator says; null: it cannot read the schema, or not in time. */
function verdict(validate: () => boolean): boolean | null {
  try {
    return validate()
  } catch {
    return null
  }
}

for (const { name, version, Validating } of DRAFTS) {
  const dir = join(folder ?? '', 'tests', name)
  if (folder === undefined || !existsSync(dir)) {
    console.log(`skipped ${name}: set SCHEMA_SUITE to a checkout of json-schema-org/JSON-Schema-Test-Suite`)
    continue
  }
  schemas(`each schema of ${name} is kept, or refused with its place`, async () => {
    const groups = readdirSync(dir)
      .filter((file) => file.endsWith('.json'))
      .flatMap((file) =>
        (parseJson(readFileSync(join(dir, file), 'utf8')) as Group[]).map((group) => ({
          ...group,
          about: `${file}: ${group.description}`,
        })),
      )
    const uniform = uniforms(4)
    const counts = { taken: 0, refused: 0, answers: 0, 'answers judged by two': 0 }
    const faults: string[] = []
    for (const { about, schema, tests } of groups) {
      let grammar
      try {
        grammar = answerGrammar({ type: 'json_schema', schema: schema as object })!
      } catch (error) {
        if (!(error instanceof InvalidArgumentError) || !PLACED.test(error.message)) faults.push(`${about}: ${error}`)
        counts.refused += 1
        continue
      }
      counts.taken += 1
      const ajv = new Validating({ strict: false, validateFormats: false, validateSchema: false })
      // Validators read JSON as JavaScript does.
      const plain = JSON.parse(writeJson(schema)) as Schema
      const other = new Validator(plain, version)
      for (const { data } of tests.filter(({ valid }) => !valid))
        if (await accepts(grammar, writeJson(data))) faults.push(`${about}: takes ${writeJson(data)}`)
      for (let i = 0; i < ANSWERS; i++) {
        const text = await randomText(grammar, uniform, 30)
        if (text === null) continue
        const value: unknown = JSON.parse(text)
        const verdicts = [verdict(() => ajv.validate(plain, value)), verdict(() => other.validate(value).valid)]
        counts.answers += 1
        if (!verdicts.includes(null)) counts['answers judged by two'] += 1
        if (verdicts.includes(false) && !about.endsWith(MISJUDGED))
          faults.push(`${about}: made ${text}: ${verdicts.join()}`)
      }
    }
    console.log(`${name}: ${groups.length} schemas, ${JSON.stringify(counts)}`)
    assert.is(faults.join('\n'), '')
    assert.ok(counts.taken > 50 && counts.refused > 0 && counts['answers judged by two'] > counts.taken)
  })
}

schemas.run()
