/** The body of `POST /chat/completions`: turns of text, rendered with the model's chat template. */
import * as z from 'zod'
import type { ChatMessage } from '../model/text.js'
import { ApiError } from './api-error.js'
import { toCall, type Call } from './call.js'
import { refusedInChat, sharedFields } from './fields.js'
import { validate } from './validate.js'

const textPart = z.strictObject({ type: z.literal('text'), text: z.string() })

/** Clients send an assistant's earlier answer back as they got it, so its empty extras are taken too. */
const message = z.strictObject({
  role: z.enum(['system', 'developer', 'user', 'assistant']),
  content: z.union([z.string(), z.array(textPart).min(1)], { error: 'must be a string or a list of text parts' }),
  name: z.string().optional(),
  refusal: z.null().optional(),
  annotations: z.array(z.unknown()).max(0).optional(),
  audio: z.null().optional(),
  function_call: z.null().optional(),
  tool_calls: z.union([z.null(), z.array(z.unknown()).max(0)], { error: 'must be left out: tools are not supported here' }).optional(),
})

export const chatSchema = z.strictObject({
  ...sharedFields,
  messages: z.array(message).min(1),
  max_completion_tokens: z.int().min(1).optional(),
  logprobs: z.boolean().optional(),
  top_logprobs: z.int().min(0).max(20).optional(),
})

/** Checks a chat request. `maxContext` bounds an answer whose length the request leaves open. Throws `ApiError` 400 naming `param`. */
export function parseChat(body: unknown, maxContext: number): Call {
  const fields = validate(chatSchema, refusedInChat, body)
  const { max_tokens: older, max_completion_tokens: newer } = fields
  if (older !== undefined && newer !== undefined && older !== newer) {
    throw new ApiError(400, 'invalid_value', `max_tokens (${older}) and max_completion_tokens (${newer}) disagree; give one of the two`, 'max_tokens')
  }
  if (fields.top_logprobs && !fields.logprobs) {
    throw new ApiError(400, 'invalid_value', `top_logprobs (${fields.top_logprobs}) is for answers with logprobs; set logprobs to true or leave it out`, 'top_logprobs')
  }
  const logprobs = fields.logprobs ? (fields.top_logprobs ?? 0) : undefined
  return toCall('chat', fields, { messages: fields.messages.map(toTurn), maxTokens: newer ?? older ?? maxContext, logprobs })
}

function toTurn({ role, content }: z.infer<typeof message>): ChatMessage {
  return {
    role: role === 'developer' ? 'system' : role,
    content: typeof content === 'string' ? content : content.map((part) => part.text).join(''),
  }
}
