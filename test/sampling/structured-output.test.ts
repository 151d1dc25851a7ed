// @process native
/** Answers in a form: with either drafter, on every tree, the text of plain decoding, and always of that form. */
import { Ajv2020 } from 'ajv/dist/2020.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { verifiers } from '../../plugins/verifiers/index.js'
import type { Engine, GenerateRequest, ResponseFormat } from '../../src/api/types.js'
import { InvalidArgumentError } from '../../src/index.js'
import { closeEngines, engineFor, haveSmolLM2 } from '../support/engines.js'
import { assertEqualsPlain, assertSpeculated, collect, newTotals, TREES } from '../support/equality.js'

const forms = suite('structured output')
forms.after(closeEngines)

const micro = (): Promise<Engine> => engineFor({ target: 'micro' })
const PROMPT = 'The options as JSON:\n```json\n{"name": "a", "count": 1}\n{"name": "a", "count": 1}\n'

const schema = {
  type: 'object',
  properties: {
    name: { type: 'string', maxLength: 12 },
    count: { type: 'integer', minimum: 0, maximum: 99 },
    tags: { type: 'array', items: { enum: ['red', 'green', 'blue'] }, maxItems: 3 },
    next: { anyOf: [{ type: 'null' }, { type: 'boolean' }] },
  },
  required: ['name', 'count', 'next'],
  additionalProperties: false,
} as const
const validate = new Ajv2020().compile(schema)

const FORMATS: Record<string, [ResponseFormat, (text: string) => boolean]> = {
  json_schema: [{ type: 'json_schema', schema }, (text) => validate(JSON.parse(text))],
  regex: [
    { type: 'regex', pattern: '(\\d{4})-(\\d{2}) [a-z]{3,10}(, [a-z]{3,10}){0,2}\\.' },
    (text) => /^(\d{4})-(\d{2}) [a-z]{3,10}(, [a-z]{3,10}){0,2}\.$/.test(text),
  ],
  choice: [
    { type: 'choice', choices: ['a function', 'a package', 'an option'] },
    (text) => ['a function', 'a package', 'an option'].includes(text),
  ],
  grammar: [
    { type: 'grammar', grammar: 'root ::= item{1,4} "end"\nitem ::= "- " [a-z]{1,12} "\\n"' },
    (text) => /^(- [a-z]{1,12}\n){1,4}end$/.test(text),
  ],
}

forms(
  'each format, greedy with one drafter and sampled with the other: the text of plain decoding, complete and of ' +
    'that form',
  async () => {
    const engine = await micro()
    const totals = newTotals()
    const trees = Object.values(TREES)
    for (const [i, [name, [responseFormat, fits]]] of Object.entries(FORMATS).entries()) {
      for (const [j, temperature] of [0, 0.8].entries()) {
        const draft = ['model', 'ngram'][(i + j) % 2]
        const request: GenerateRequest = {
          prompt: PROMPT,
          maxTokens: 160,
          seed: 70 + i + j,
          temperature,
          draft,
          tree: trees[(i + j) % 3],
          responseFormat,
        }
        const text = await assertEqualsPlain(engine, request, totals, `${name} at ${temperature} with ${draft}`)
        assert.ok(fits(text), `${name}: ${JSON.stringify(text)}`)
      }
    }
    assertSpeculated(totals)
    assert.is(engine.usage().slotsUsed, 0)
  },
)

forms('with every other feature beside it the form is kept, on trees as without', async () => {
  const engine = await micro()
  const [responseFormat, fits] = FORMATS.json_schema
  const pairs: Partial<GenerateRequest>[] = [
    { repetitionPenalty: 1.2 },
    { presencePenalty: 1 },
    { frequencyPenalty: 1 },
    { logitBias: { 300: 5, 301: -5 } },
    { bannedTokens: [300, 301, 302] },
    { minTokens: 12 },
    { logprobs: 2 },
    { topP: 0.9 },
    { topK: 5 },
    { minP: 0.1 },
    { choice: 3 },
  ]
  for (const [i, other] of pairs.entries()) {
    const request: GenerateRequest = {
      prompt: PROMPT,
      maxTokens: 200,
      seed: i,
      temperature: i % 2 === 0 ? 0.8 : 0,
      draft: 'model',
      tree: TREES.bush,
      responseFormat,
      ...other,
    }
    assert.ok(fits(await assertEqualsPlain(engine, request, newTotals(), JSON.stringify(other))), JSON.stringify(other))
  }
})

forms('the rules that read q keep the form, and a planned tree does', async () => {
  const engine = await micro()
  const [responseFormat, fits] = FORMATS.json_schema
  for (const verifier of [...verifiers.keys()].filter((name) => name !== 'coupled')) {
    const { text } = await collect(engine, {
      prompt: PROMPT,
      maxTokens: 200,
      temperature: 0.9,
      verifier,
      draft: 'model',
      tree: TREES.binary,
      responseFormat,
    })
    assert.ok(fits(text), `${verifier}: ${text}`)
  }
  assert.ok(
    fits((await collect(engine, { prompt: PROMPT, maxTokens: 200, temperature: 0.9, seed: 1, responseFormat })).text),
  )
})

forms('JSON mode gives one JSON object', async () => {
  const engine = await micro()
  let whole = 0
  for (let seed = 0; seed < 6; seed++) {
    const parts = []
    for await (const part of engine.generate({
      prompt: PROMPT,
      maxTokens: 200,
      temperature: 0.8,
      seed,
      responseFormat: { type: 'json_object' },
    }))
      parts.push(part)
    if (parts.at(-1)!.finishReason !== 'stop') continue
    whole += 1
    assert.type(JSON.parse(parts.map(({ text }) => text).join('')), 'object')
  }
  assert.ok(whole > 0, 'no answer came to its end')
})

const real = haveSmolLM2 ? forms : forms.skip
real('SmolLM2 answers in a schema, on trees as without', async () => {
  const engine = await engineFor({ target: 'smollm2-135m' })
  const [responseFormat, fits] = FORMATS.json_schema
  const totals = newTotals()
  const request: GenerateRequest = {
    messages: [{ role: 'user', content: 'Describe an apple as JSON with name, count, tags and next.' }],
    maxTokens: 120,
    seed: 2,
    temperature: 0.8,
    draft: 'ngram',
    tree: TREES.bush,
    responseFormat,
  }
  await assertEqualsPlain(engine, request, totals, 'SmolLM2')
  assert.ok(fits((await collect(engine, request)).text))
})

forms('a form that cannot be is refused before anything is taken', async () => {
  const engine = await micro()
  const cases: [Partial<GenerateRequest>, string][] = [
    [{ responseFormat: { type: 'json_schema', schema: { not: {} } } }, 'responseFormat'],
    [{ responseFormat: { type: 'regex', pattern: '(' } }, 'responseFormat'],
    [{ responseFormat: { type: 'grammar', grammar: 'root ::= other' } }, 'responseFormat'],
    [{ responseFormat: { type: 'grammar', grammar: 'x'.repeat(200_001) } }, 'responseFormat'],
    [{ responseFormat: { type: 'json_object' }, ignoreEos: true }, 'ignoreEos'],
  ]
  for (const [fields, param] of cases) {
    try {
      await collect(engine, { prompt: PROMPT, ...fields })
      assert.unreachable(param)
    } catch (error) {
      assert.instance(error, InvalidArgumentError)
      assert.is((error as InvalidArgumentError).param, param)
    }
  }
  assert.equal(engine.usage(), { ...engine.usage(), slotsUsed: 0, running: 0, waiting: 0 })
})

forms('masks that contradict the form end the request by name', async () => {
  const engine = await micro()
  const bannedTokens = Array.from({ length: engine.info.vocabSize }, (_, token) => token).filter(
    (token) => engine.info.vocabSize - token > 1000,
  )
  try {
    await collect(engine, { prompt: PROMPT, responseFormat: { type: 'choice', choices: ['{'] }, bannedTokens })
    assert.unreachable()
  } catch (error) {
    assert.instance(error, InvalidArgumentError)
    assert.match((error as Error).message, /bannedTokens and responseFormat/)
  }
  assert.is(engine.usage().slotsUsed, 0)
})

forms.run()
