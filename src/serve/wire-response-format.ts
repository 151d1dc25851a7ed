/** `response_format`: OpenAI's three kinds, and three of ours for which no client has a common name. */
import * as z from 'zod'
import type { ResponseFormat } from '../api/types.js'
import { anySchema } from './json-values.js'

export const responseFormat = z.discriminatedUnion(
  'type',
  [
    z.strictObject({ type: z.literal('text') }),
    z.strictObject({ type: z.literal('json_object') }),
    z.strictObject({
      type: z.literal('json_schema'),
      json_schema: z.strictObject({
        name: z.string().optional(),
        description: z.string().optional(),
        schema: anySchema,
        /** Answers always keep to the schema. */
        strict: z.boolean().optional(),
      }),
    }),
    z.strictObject({ type: z.literal('regex'), pattern: z.string() }),
    z.strictObject({ type: z.literal('choice'), choices: z.array(z.string().min(1)).min(1) }),
    z.strictObject({ type: z.literal('grammar'), grammar: z.string() }),
  ],
  { error: 'must be an object with a type of text, json_object, json_schema, regex, choice or grammar' },
)

export function toResponseFormat(format: z.infer<typeof responseFormat>): ResponseFormat {
  return format.type === 'json_schema' ? { type: 'json_schema', schema: format.json_schema.schema } : format
}
