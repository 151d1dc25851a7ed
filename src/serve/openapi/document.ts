/**
 * OpenAPI 3.1 for the routes, from the schemas that requests are checked by. Fields without effect take any value;
 * refused fields take the values that pass. What depends on several fields at once, or on the model, is said by the 400
 * alone.
 */
import * as z from 'zod'
import { chatSchema } from '../chat-request.js'
import { completionSchema } from '../completion-request.js'
import {
  acceptedWithoutEffect,
  refusedInChat,
  refusedInCompletions,
  refusedInResponses,
  type RefusedFields,
} from '../request-fields.js'
import { responseSchema } from '../response-request.js'
import * as replies from './replies.js'

type Json = Readonly<Record<string, unknown>>

const FAULTS: Readonly<Record<string, string>> = {
  400: 'The request is wrong; `param` names the field',
  401: 'No key, or a wrong one, where the server wants one',
  404: 'No such model or route',
  413: 'The body is too large',
  415: 'The body is not JSON',
  429: 'The queue is full, or this key asks too often',
  500: 'A fault of the server',
  503: 'The server is starting or going down',
  504: 'The answer was not complete in time',
}

const RETRY_AFTER = {
  'retry-after': { description: 'Seconds to wait', schema: { type: 'string', pattern: '^[0-9]+$' } },
}

/** `models`: the names that are served. */
export function openApi(models: readonly string[]): Json {
  return {
    openapi: '3.1.0',
    info: {
      title: 'sequoia-onnx',
      version: '1',
      description: "OpenAI's protocol, answered by tree speculative decoding",
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '.', description: 'Where this document lies' }],
    security: [{}, { key: [] }],
    paths: {
      '/chat/completions': {
        post: answering(
          'createChatCompletion',
          'Turns of text, and what follows them',
          requestBody(chatSchema, refusedInChat, models),
          replies.chatAnswer,
        ),
      },
      '/completions': {
        post: answering(
          'createCompletion',
          'One raw prompt, and what follows it',
          requestBody(completionSchema, refusedInCompletions, models),
          replies.completionAnswer,
        ),
      },
      '/responses': {
        post: answering(
          'createResponse',
          'The newer form of a chat: text in, text out',
          requestBody(responseSchema, refusedInResponses, models),
          replies.responseAnswer,
        ),
      },
      '/models': {
        get: {
          operationId: 'listModels',
          summary: 'What is served',
          responses: { 200: jsonReply('The models', replies.modelList), ...faults('401', '503') },
        },
      },
      '/models/{id}': {
        get: {
          operationId: 'retrieveModel',
          summary: 'One model',
          parameters: [
            { name: 'id', in: 'path', required: true, schema: { type: 'string', minLength: 1 }, example: models[0] },
          ],
          responses: { 200: jsonReply('The model', replies.model), ...faults('400', '401', '404', '503') },
        },
      },
    },
    components: {
      securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'Only where the server was given keys' } },
      schemas: { Error: jsonSchema(replies.error) },
    },
  }
}

function answering(operationId: string, summary: string, schema: Json, answer: z.ZodType): Json {
  const whole = jsonReply('The answer; with `stream: true` its events', answer)
  return {
    operationId,
    summary,
    requestBody: { required: true, content: { 'application/json': { schema } } },
    responses: {
      // Without a schema: OpenAPI 3.1 has no word for one of each event, and tools read one of the whole stream as if
      // it were that.
      200: { ...whole, content: { ...whole.content, 'text/event-stream': {} } },
      ...faults(...Object.keys(FAULTS)),
    },
  }
}

/** A field that is null counts as left out, at every depth. */
function requestBody(schema: z.ZodType, refused: RefusedFields, models: readonly string[]): Json {
  const { properties, required, ...rest } = nullable(jsonSchema(schema)) as {
    properties: Record<string, object>
    required: string[]
  }
  const passing = Object.entries(refused).map(([name, { nothing, why }]) => [
    name,
    { ...orNull(jsonSchema(nothing)), description: `Not supported: ${why}` },
  ])
  return {
    ...rest,
    required,
    properties: {
      ...properties,
      model: { ...properties.model, enum: models },
      ...Object.fromEntries([...acceptedWithoutEffect].map((name) => [name, { description: 'Without effect' }])),
      ...Object.fromEntries(passing),
    },
  }
}

/** The same schema with null allowed for every field that may be left out. */
function nullable<T>(schema: T): T {
  if (Array.isArray(schema)) return schema.map(nullable) as T
  if (typeof schema !== 'object' || schema === null) return schema
  const { properties, required = [], ...rest } = schema as { properties?: Record<string, object>; required?: string[] }
  const inside = Object.entries(rest).map(([keyword, value]) => [keyword, nullable(value)])
  const fields = Object.entries(properties ?? {}).map(([name, field]) => {
    const changed = nullable(field)
    return [name, required.includes(name) ? changed : orNull(changed)]
  })
  return {
    ...Object.fromEntries(inside),
    ...(properties && { properties: Object.fromEntries(fields), required }),
  } as T
}

function orNull(schema: object): object {
  return 'not' in schema ? { type: 'null' } : { anyOf: [schema, { type: 'null' }] }
}

function jsonReply(description: string, schema: z.ZodType): { description: string; content: Json } {
  return { description, content: { 'application/json': { schema: jsonSchema(schema) } } }
}

function faults(...statuses: readonly string[]): Json {
  const reply = (status: string): Json => ({
    description: FAULTS[status],
    ...((status === '429' || status === '503') && { headers: RETRY_AFTER }),
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
  })
  return Object.fromEntries(statuses.map((status) => [status, reply(status)]))
}

function jsonSchema(schema: z.ZodType): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input' })
  return rest
}
