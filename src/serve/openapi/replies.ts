/**
 * What the routes answer, as schemas: the published promise of `chunks.ts`, `response-answer.ts` and `api-error.ts`.
 */
import * as z from 'zod'

const count = z.int().min(0)

export const error = z.strictObject({
  error: z.strictObject({
    message: z.string(),
    type: z.enum(['invalid_request_error', 'rate_limit_error', 'server_error']),
    param: z.string().nullable(),
    code: z.string().nullable(),
  }),
})

export const model = z.strictObject({
  id: z.string(),
  object: z.literal('model'),
  created: count,
  owned_by: z.string(),
  context_length: z.int().min(1),
  /** What holds where a request leaves the field out, by the model's own files. */
  sampling_defaults: z.strictObject({
    temperature: z.number().min(0).optional(),
    top_p: z.number().min(0).max(1).optional(),
    top_k: count.optional(),
    min_p: z.number().min(0).max(1).optional(),
    repetition_penalty: z.number().optional(),
  }),
})

export const modelList = z.strictObject({ object: z.literal('list'), data: z.array(model) })

const usage = z.strictObject({
  prompt_tokens: count,
  completion_tokens: count,
  total_tokens: count,
  prompt_tokens_details: z.strictObject({ cached_tokens: count }),
  completion_tokens_details: z.strictObject({
    reasoning_tokens: count,
    accepted_prediction_tokens: count,
    rejected_prediction_tokens: count,
  }),
})

const positive = z.number().min(0)

export const metrics = z.strictObject({
  time_to_first_token_ms: positive.nullable().optional(),
  queue_time_ms: positive.optional(),
  generation_time_ms: positive.optional(),
  mean_itl_ms: positive.nullable().optional(),
  tokens_per_second: positive.nullable().optional(),
  speculative_decoding: z.strictObject({
    mean_acceptance_length: z.number().min(1),
    draft_acceptance_rate: z.number().min(0).max(1),
    acceptance_histogram: z.array(count).min(1),
    num_spec_steps: count,
    num_accepted_draft_tokens: count,
    num_draft_tokens: count,
    num_spec_tokens: count,
  }),
})

const token = { token: z.string(), logprob: z.number().max(0), bytes: z.array(z.int().min(0).max(255)) }
const chosen = z.strictObject({ ...token, top_logprobs: z.array(z.strictObject(token)) })

const envelope = {
  id: z.string(),
  created: count,
  model: z.string(),
  usage,
  /** Where the request says `include_metrics`. */
  metrics: metrics.optional(),
}
const choice = { index: count, finish_reason: z.enum(['stop', 'length']) }

const toolCall = z.strictObject({
  id: z.string(),
  type: z.literal('function'),
  function: z.strictObject({ name: z.string(), arguments: z.string() }),
})

export const chatAnswer = z.strictObject({
  ...envelope,
  object: z.literal('chat.completion'),
  choices: z
    .array(
      z.strictObject({
        ...choice,
        finish_reason: z.enum(['stop', 'length', 'tool_calls']),
        logprobs: z.strictObject({ content: z.array(chosen), refusal: z.null() }).nullable(),
        message: z.strictObject({
          role: z.literal('assistant'),
          content: z.string().nullable(),
          /** What the model thought, where it did. */
          reasoning_content: z.string().optional(),
          refusal: z.null(),
          tool_calls: z.array(toolCall).min(1).optional(),
        }),
      }),
    )
    .min(1),
})

export const completionAnswer = z.strictObject({
  ...envelope,
  object: z.literal('text_completion'),
  choices: z
    .array(
      z.strictObject({
        ...choice,
        text: z.string(),
        logprobs: z
          .strictObject({
            tokens: z.array(z.string()),
            token_logprobs: z.array(z.number().max(0)),
            top_logprobs: z.array(z.record(z.string(), z.number().max(0))),
            text_offset: z.array(count),
          })
          .nullable(),
      }),
    )
    .min(1),
})

const outputText = z.strictObject({
  type: z.literal('output_text'),
  text: z.string(),
  annotations: z.array(z.unknown()),
  logprobs: z.array(chosen),
})
const status = z.enum(['completed', 'incomplete'])

export const responseAnswer = z.looseObject({
  id: z.string(),
  object: z.literal('response'),
  created_at: count,
  status,
  model: z.string(),
  error: z.null(),
  incomplete_details: z.strictObject({ reason: z.literal('max_output_tokens') }).nullable(),
  output: z.array(
    z.discriminatedUnion('type', [
      z.strictObject({
        id: z.string(),
        type: z.literal('reasoning'),
        status,
        summary: z.array(z.never()),
        content: z.array(z.strictObject({ type: z.literal('reasoning_text'), text: z.string() })),
      }),
      z.strictObject({
        id: z.string(),
        type: z.literal('message'),
        status,
        role: z.literal('assistant'),
        content: z.array(outputText),
      }),
    ]),
  ),
  usage: z.strictObject({
    input_tokens: count,
    input_tokens_details: z.strictObject({ cached_tokens: count }),
    output_tokens: count,
    output_tokens_details: z.strictObject({
      reasoning_tokens: count,
      accepted_prediction_tokens: count,
      rejected_prediction_tokens: count,
    }),
    total_tokens: count,
  }),
  metrics: metrics.optional(),
})
