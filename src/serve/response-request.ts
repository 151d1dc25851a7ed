/** The body of `POST /responses`: text in, text out, every turn sent along; nothing is kept between requests. */
import * as z from 'zod'
import type { ChatMessage } from '../text/text.js'
import { ApiError } from './api-error.js'
import { toCall, type Call, type Served } from './call.js'
import { chatTemplateKwargs, refusedInResponses, sharedFields, whereItThinks } from './request-fields.js'
import { anySchema } from './json-values.js'
import { toResponseFormat } from './wire-response-format.js'
import { validate } from './validate.js'

/** An answer sent back as the API gave it has parts of type `output_text`, with their extras. */
const part = z.union(
  [
    z.strictObject({ type: z.literal('input_text'), text: z.string() }),
    z.strictObject({
      type: z.literal('output_text'),
      text: z.string(),
      annotations: z.array(z.unknown()).max(0).optional(),
      logprobs: z.array(z.unknown()).optional(),
      /** What a client has read from `text` for its caller. */
      parsed: z.unknown().optional(),
    }),
  ],
  { error: 'must be a part of type input_text or output_text' },
)

const turn = z.strictObject({
  type: z.literal('message').optional(),
  id: z.string().optional(),
  status: z.enum(['completed', 'incomplete', 'in_progress']).optional(),
  role: z.enum(['system', 'developer', 'user', 'assistant']),
  content: z.union([z.string(), z.array(part).min(1)], { error: 'must be a string or a list of text parts' }),
})

/** What the model thought, sent back as the API gave it. */
const thought = z.strictObject({
  type: z.literal('reasoning'),
  id: z.string().optional(),
  status: z.enum(['completed', 'incomplete', 'in_progress']).optional(),
  summary: z.array(z.unknown()).max(0).optional(),
  content: z.array(z.strictObject({ type: z.literal('reasoning_text'), text: z.string() })).optional(),
})

const format = z.discriminatedUnion(
  'type',
  [
    z.strictObject({ type: z.literal('text') }),
    z.strictObject({ type: z.literal('json_object') }),
    z.strictObject({
      type: z.literal('json_schema'),
      name: z.string().optional(),
      description: z.string().optional(),
      schema: anySchema,
      strict: z.boolean().optional(),
    }),
  ],
  { error: 'must be an object with a type of text, json_object or json_schema' },
)

const { max_tokens: _1, n: _2, response_format: _3, stream_options: _4, ...common } = sharedFields

export const responseSchema = z.strictObject({
  ...common,
  input: z.union([z.string().min(1), z.array(z.union([turn, thought])).min(1)], {
    error: 'must be a text or a list of messages',
  }),
  instructions: z.string().optional(),
  chat_template_kwargs: chatTemplateKwargs,
  max_output_tokens: z.int().min(1).optional(),
  text: z.strictObject({ format: format.optional(), verbosity: z.literal('medium').optional() }).optional(),
  include: z.array(z.enum(['message.output_text.logprobs'])).optional(),
  top_logprobs: z.int().min(0).max(20).optional(),
  stream_options: z.strictObject({ include_obfuscation: z.boolean().optional() }).optional(),
})

/**
 * Checks a request for a response. The model's context bounds an answer whose length the request leaves open. Throws
 * `ApiError` 400 naming `param`.
 */
export function parseResponse(body: unknown, served: Served): Call {
  const { stream_options: _, ...fields } = validate(
    responseSchema,
    served.thinks ? whereItThinks(refusedInResponses) : refusedInResponses,
    body,
  )
  if (fields.speculation?.trace)
    throw new ApiError(
      400,
      'unsupported_value',
      'speculation.trace is for chat and completions; leave it out',
      'speculation.trace',
    )
  const { input, instructions, text, include, top_logprobs = 0, max_output_tokens } = fields
  const wantsLogprobs = top_logprobs > 0 || include?.includes('message.output_text.logprobs')
  const turns = typeof input === 'string' ? [{ role: 'user' as const, content: input }] : input
  const messages = [
    ...(instructions === undefined ? [] : [{ role: 'system', content: instructions }]),
    ...toTurns(turns),
  ]
  const prompt = {
    messages,
    chatTemplateKwargs: fields.chat_template_kwargs,
    maxTokens: max_output_tokens ?? served.maxContext,
    logprobs: wantsLogprobs ? top_logprobs : undefined,
  }
  const call = toCall('responses', fields, prompt, served)
  const form = text?.format ?? { type: 'text' as const }
  const metadata = typeof body === 'object' && body !== null && 'metadata' in body ? (body.metadata ?? {}) : {}
  return {
    ...call,
    request: {
      ...call.request,
      responseFormat: toResponseFormat(form.type === 'json_schema' ? { type: form.type, json_schema: form } : form),
    },
    repeated: {
      instructions: instructions ?? null,
      max_output_tokens: max_output_tokens ?? null,
      metadata,
      temperature: call.request.temperature,
      text: { format: form },
      top_logprobs,
      top_p: fields.top_p ?? served.sampling.topP ?? 1,
    },
  }
}

/** What was thought goes with the assistant's turn behind it. */
function toTurns(items: readonly (z.infer<typeof turn> | z.infer<typeof thought>)[]): ChatMessage[] {
  let reasoning: string | undefined
  return items.flatMap((item) => {
    if (item.type === 'reasoning') {
      reasoning = (item.content ?? []).map(({ text }) => text).join('')
      return []
    }
    const { role, content } = item
    const text = typeof content === 'string' ? content : content.map((one) => one.text).join('')
    const before = role === 'assistant' && reasoning !== undefined ? { reasoning } : {}
    reasoning = undefined
    return [{ role: role === 'developer' ? 'system' : role, content: text, ...before }]
  })
}
