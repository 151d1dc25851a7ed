/** The body of `POST /completions`: one raw prompt, as text or token ids, no chat template. */
import * as z from 'zod'
import type { GenerateRequest } from '../api/types.js'
import { ApiError } from './api-error.js'
import { toCall, type Call, type Served } from './call.js'
import { refusedInCompletions, sharedFields } from './request-fields.js'
import { rawPrompt } from './token-lists.js'
import { validate } from './validate.js'

export const completionSchema = z.strictObject({
  ...sharedFields,
  prompt: rawPrompt,
  /** How many of the likeliest tokens to list beside each chosen one. */
  logprobs: z.int().min(0).max(20).optional(),
  echo: z.boolean().optional(),
})

/** OpenAI's length of an answer where the request says nothing. */
const DEFAULT_MAX_TOKENS = 16

/** Checks a completion request. Throws `ApiError` 400 naming `param`. */
export function parseCompletion(body: unknown, served: Served): Call {
  const fields = validate(completionSchema, refusedInCompletions, body)
  const { logprobs, echo } = fields
  if (echo && logprobs !== undefined) {
    throw new ApiError(
      400,
      'unsupported_value',
      'logprobs are given for the answer only, not for an echoed prompt; leave out echo or logprobs',
      'echo',
    )
  }
  const prompt = {
    ...promptOf(fields.prompt),
    maxTokens: fields.max_tokens ?? DEFAULT_MAX_TOKENS,
    logprobs,
    echo,
  }
  return toCall('completions', fields, prompt, served)
}

function promptOf(prompt: string | [string] | number[]): GenerateRequest {
  if (typeof prompt === 'string') return { prompt }
  const [first] = prompt
  return typeof first === 'string' ? { prompt: first } : { promptTokens: prompt as number[] }
}
