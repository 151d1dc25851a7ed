// @process native
/** The OpenAPI document: valid, and true of what the gateway takes, refuses and answers. */
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Endpoint } from '../../../src/serve/endpoint.js'
import { createGateway, type Gateway } from '../../../src/serve/gateway.js'
import { closeEngines, engineFor } from '../../support/engines.js'

interface Operation {
  requestBody: { content: Record<string, { schema: object }> }
  responses: Record<string, { content: Record<string, { schema: { $ref?: string } }> }>
}

interface Document {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, object> }
}

const PATHS: Readonly<Record<Endpoint, string>> = {
  chat: '/chat/completions',
  completions: '/completions',
  responses: '/responses',
}
const never = new AbortController().signal
const ajv = new Ajv2020({ strict: false })

const openapi = suite('openapi.json')
let gateway: Gateway
let document: Document

openapi.before(async () => {
  gateway = createGateway({
    engine: await engineFor({ target: 'micro', maxContext: 512, toolPrompt: 'generic' }),
    aliases: ['gpt-9'],
  })
  document = gateway.openApi().body as Document
})
openapi.after(closeEngines)

const requests = (endpoint: Endpoint): ValidateFunction =>
  ajv.compile(document.paths[PATHS[endpoint]].post.requestBody.content['application/json'].schema)

/** The schema of a route's answers with a status. */
function answers({ responses }: Operation, status: number): ValidateFunction {
  const { schema } = responses[status].content['application/json']
  return ajv.compile(schema.$ref ? document.components.schemas[schema.$ref.split('/').at(-1)!] : schema)
}

const chat = { model: 'micro', messages: [{ role: 'user', content: 'hi' }], max_tokens: 8 }
const tool = {
  type: 'function',
  function: {
    name: 'f',
    parameters: {
      type: 'object',
      properties: { a: { type: 'integer', minimum: 0, maximum: 9 } },
      required: ['a'],
      additionalProperties: false,
    },
  },
}
const CASES: [Endpoint, object][] = [
  ['chat', chat],
  [
    'chat',
    {
      ...chat,
      model: 'gpt-9',
      n: 2,
      logprobs: true,
      top_logprobs: 2,
      include_metrics: true,
      user: 'me',
      store: false,
      top_p: null,
    },
  ],
  ['chat', { ...chat, max_tokens: 60, tools: [tool], tool_choice: 'required', parallel_tool_calls: false }],
  ['completions', { model: 'micro', prompt: 'const a', max_tokens: 4, logprobs: 2, best_of: 1, suffix: '' }],
  ['completions', { model: 'micro', prompt: [5, 6], max_tokens: 4 }],
  [
    'responses',
    {
      model: 'micro',
      input: 'hi',
      max_output_tokens: 8,
      top_logprobs: 1,
      metadata: { a: 'b' },
      reasoning: { effort: null },
    },
  ],
]
const WRONG: [Endpoint, object][] = [
  ['chat', { ...chat, temperature: 3 }],
  ['chat', { ...chat, temprature: 1 }],
  ['chat', { ...chat, store: true }],
  ['chat', { ...chat, messages: [] }],
  ['chat', { ...chat, messages: [{ role: 'critic', content: 'x' }] }],
  ['chat', { ...chat, tools: [{ ...tool, function: { name: 'two words' } }] }],
  ['chat', { ...chat, modalities: ['audio'] }],
  ['completions', { model: 'micro', prompt: ['a', 'b'] }],
  ['completions', { model: 'micro', prompt: 'a', best_of: 2 }],
  ['responses', { model: 'micro', input: 'x', previous_response_id: 'resp_1' }],
  ['responses', { model: 'micro', input: 'x', reasoning: { effort: 'high' } }],
]

openapi('the document is valid OpenAPI 3.1', async () => {
  const { valid, errors } = await new Validator().validate(structuredClone({ ...document }))
  assert.ok(valid, JSON.stringify(errors))
})

openapi('requests that it allows are answered as it says', async () => {
  for (const [endpoint, body] of CASES) {
    const request = requests(endpoint)
    assert.ok(request(body), `${JSON.stringify(body)}: ${ajv.errorsText(request.errors)}`)
    const reply = await gateway.answer(endpoint, body, never)
    assert.ok('body' in reply && reply.status === 200, JSON.stringify(reply))
    const answer = answers(document.paths[PATHS[endpoint]].post, 200)
    assert.ok(answer(reply.body), `${JSON.stringify(reply.body)}: ${ajv.errorsText(answer.errors)}`)
  }
})

openapi('requests that it forbids are refused as it says', async () => {
  for (const [endpoint, body] of WRONG) {
    assert.not.ok(requests(endpoint)(body), JSON.stringify(body))
    const reply = await gateway.answer(endpoint, body, never)
    assert.is(reply.status, 400, JSON.stringify(body))
    const answer = answers(document.paths[PATHS[endpoint]].post, 400)
    assert.ok('body' in reply && answer(reply.body), ajv.errorsText(answer.errors))
  }
})

openapi('the models are as it says', () => {
  const listed = answers(document.paths['/models'].get, 200)
  assert.ok(listed(gateway.listModels().body), ajv.errorsText(listed.errors))
  const one = answers(document.paths['/models/{id}'].get, 200)
  assert.ok(one(gateway.model('gpt-9')!.body), ajv.errorsText(one.errors))
})

openapi.run()
