/**
 * The official client's own type definitions, walked field by field: each is honoured, without effect or refused by
 * name, and none is a stranger.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { parseSync, type TSInterfaceDeclaration, type TSSignature } from 'oxc-parser'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ApiError } from '../../src/serve/api-error.js'
import { chatSchema, parseChat } from '../../src/serve/chat-request.js'
import { completionSchema, parseCompletion } from '../../src/serve/completion-request.js'
import {
  acceptedWithoutEffect,
  refusedInChat,
  refusedInCompletions,
  refusedInResponses,
  type RefusedFields,
} from '../../src/serve/request-fields.js'
import { parseResponse, responseSchema } from '../../src/serve/response-request.js'

const walk = suite('fields of the official client')
const resources = join(dirname(createRequire(import.meta.url).resolve('openai')), 'resources')

/** Names of the fields that an interface of a resource declares. */
function fieldsOf(file: string, name: string): string[] {
  const path = join(resources, file)
  const { program } = parseSync(path, readFileSync(path, 'utf8'))
  const found: TSInterfaceDeclaration[] = []
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    const { type, id } = node as { type?: string; id?: { name?: string } }
    if (type === 'TSInterfaceDeclaration' && id?.name === name) found.push(node as TSInterfaceDeclaration)
    for (const inside of Object.values(node)) visit(inside)
  }
  visit(program)
  assert.is(found.length > 0, true, `${file} has no interface ${name}; the client has changed`)
  return found.flatMap(({ body }) =>
    body.body.flatMap((member: TSSignature) =>
      member.type === 'TSPropertySignature' && member.key.type === 'Identifier' ? [member.key.name] : [],
    ),
  )
}

const chat = { model: 'm', messages: [{ role: 'user', content: 'x' }] }
const endpoints: readonly {
  file: string
  name: string
  body: object
  fields: object
  refused: RefusedFields
  parse(body: unknown): unknown
}[] = [
  {
    file: 'chat/completions/completions.d.ts',
    name: 'ChatCompletionCreateParamsBase',
    body: chat,
    fields: chatSchema.shape,
    refused: refusedInChat,
    parse: (body) => parseChat(body, { maxContext: 100, sampling: {}, thinks: false }),
  },
  {
    file: 'completions.d.ts',
    name: 'CompletionCreateParamsBase',
    body: { model: 'm', prompt: 'x' },
    fields: completionSchema.shape,
    refused: refusedInCompletions,
    parse: (body) => parseCompletion(body, { maxContext: 100, sampling: {}, thinks: false }),
  },
  {
    file: 'responses/responses.d.ts',
    name: 'ResponseCreateParamsBase',
    body: { model: 'm', input: 'x' },
    fields: responseSchema.shape,
    refused: refusedInResponses,
    parse: (body) => parseResponse(body, { maxContext: 100, sampling: {}, thinks: false }),
  },
]

/** A value of no type that any field has. */
const STRANGE = { 'no such': { thing: [true] } }

function paramOf(parse: () => unknown): string | null {
  try {
    parse()
    return null
  } catch (error) {
    if (error instanceof ApiError && error.status === 400) return error.param
    throw error
  }
}

for (const { file, name, body, fields, refused, parse } of endpoints) {
  for (const field of fieldsOf(file, name))
    walk(`${name}: ${field}`, () => {
      const lists = [Object.hasOwn(fields, field), acceptedWithoutEffect.has(field), Object.hasOwn(refused, field)]
      assert.is(
        lists.filter(Boolean).length,
        1,
        `${field} is in none of the three lists of request-fields.ts, or in several`,
      )
      const param = paramOf(() => parse({ ...body, [field]: STRANGE }))
      if (acceptedWithoutEffect.has(field)) assert.is(param, null)
      else assert.ok(param === field || param?.startsWith(`${field}.`), `${field} is refused as ${param}`)
      assert.is(
        paramOf(() => parse({ ...body, ...(!(field in body) && { [field]: null }) })),
        null,
        'null is left out',
      )
    })
}

/** What lies in a request, by its type's name: where it goes, with the fields it needs. */
const nested: readonly [name: string, at: string, put: (extra: object) => object][] = [
  ['ChatCompletionSystemMessageParam', 'messages[0]', (extra) => turn({ role: 'system', content: 'x', ...extra })],
  [
    'ChatCompletionDeveloperMessageParam',
    'messages[0]',
    (extra) => turn({ role: 'developer', content: 'x', ...extra }),
  ],
  ['ChatCompletionUserMessageParam', 'messages[0]', (extra) => turn({ role: 'user', content: 'x', ...extra })],
  [
    'ChatCompletionAssistantMessageParam',
    'messages[0]',
    (extra) => turn({ role: 'assistant', content: 'x', ...extra }),
  ],
  ['ChatCompletionMessage', 'messages[0]', (extra) => turn({ role: 'assistant', content: 'x', ...extra })],
  ['ChatCompletionMessageFunctionToolCall', 'messages[0].tool_calls[0]', (extra) => turn(calling(extra))],
  [
    'ChatCompletionContentPartText',
    'messages[0].content[0]',
    (extra) => turn({ role: 'user', content: [{ type: 'text', text: 'x', ...extra }] }),
  ],
  ['ChatCompletionStreamOptions', 'stream_options', (extra) => ({ stream: true, stream_options: extra })],
  [
    'ChatCompletionFunctionTool',
    'tools[0]',
    (extra) => ({ tools: [{ type: 'function', function: { name: 'f' }, ...extra }] }),
  ],
]
const turn = (message: object): object => ({ messages: [message, { role: 'user', content: 'x' }] })
const calling = (extra: object): object => ({
  role: 'assistant',
  tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' }, ...extra }],
})

for (const [name, at, put] of nested)
  for (const field of fieldsOf('chat/completions/completions.d.ts', name))
    walk(`${name}: ${field}`, () => {
      const param = paramOf(() =>
        parseChat({ ...chat, ...put({ [field]: STRANGE }) }, { maxContext: 100, sampling: {}, thinks: false }),
      )
      assert.ok(param?.startsWith(`${at}.${field}`), `${at}.${field} is refused as ${param}`)
    })

walk.run()
