/** The body of `POST /chat/completions`: turns of text, rendered with the model's chat template. */
import * as z from 'zod'
import { ApiError } from './api-error.js'
import { toCall, type Call, type Served } from './call.js'
import { chatMessage, toTurns } from './chat-messages.js'
import { chatTemplateKwargs, refusedInChat, sharedFields, whereItThinks } from './request-fields.js'
import { chatTools, toolFields } from './wire-tools.js'
import { validate } from './validate.js'

export const chatSchema = z.strictObject({
  ...sharedFields,
  ...chatTools,
  messages: z.array(chatMessage).min(1),
  chat_template_kwargs: chatTemplateKwargs,
  max_completion_tokens: z.int().min(1).optional(),
  logprobs: z.boolean().optional(),
  top_logprobs: z.int().min(0).max(20).optional(),
})

/**
 * Checks a chat request. The model's context bounds an answer whose length the request leaves open. Throws `ApiError`
 * 400 naming `param`.
 */
export function parseChat(body: unknown, served: Served): Call {
  const fields = validate(chatSchema, served.thinks ? whereItThinks(refusedInChat) : refusedInChat, body)
  const { max_tokens: older, max_completion_tokens: newer } = fields
  if (older !== undefined && newer !== undefined && older !== newer) {
    throw new ApiError(
      400,
      'invalid_value',
      `max_tokens (${older}) and max_completion_tokens (${newer}) disagree; give one of the two`,
      'max_tokens',
    )
  }
  if (fields.top_logprobs && !fields.logprobs) {
    throw new ApiError(
      400,
      'invalid_value',
      `top_logprobs (${fields.top_logprobs}) is for answers with logprobs; set logprobs to true or leave it out`,
      'top_logprobs',
    )
  }
  const logprobs = fields.logprobs ? (fields.top_logprobs ?? 0) : undefined
  const { tools = [], tool_choice: choice, parallel_tool_calls: several } = fields
  const prompt = {
    messages: toTurns(fields.messages),
    chatTemplateKwargs: fields.chat_template_kwargs,
    maxTokens: newer ?? older ?? served.maxContext,
    logprobs,
    ...toolFields(
      tools.map((tool) => tool.function),
      typeof choice === 'object' ? choice.function : choice,
      several,
    ),
  }
  return toCall('chat', fields, prompt, served)
}
