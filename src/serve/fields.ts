/**
 * The request fields of both endpoints, in three lists: honoured (the schemas), accepted without effect, and refused
 * unless they ask for nothing. A field in none of them is an error: silence would hide a typing mistake.
 */
import * as z from 'zod'
import { responseFormat } from './response-format.js'

const stop = z.union(
  [z.string().min(1), z.array(z.string().min(1)).max(16)],
  { error: 'must be a non-empty string or a list of at most 16 of them' },
)

const tokenIds = z.array(z.int().min(0))

/** Most choices of one request. */
const MOST_CHOICES = 16

/** Longest pinned tree; the engine may allow less. */
const MOST_NODES = 1024

/** What `/chat/completions` and `/completions` share. */
export const sharedFields = {
  model: z.string().min(1),
  max_tokens: z.int().min(1).optional(),
  temperature: z.number().min(0).max(2).optional(),
  top_p: z.number().gt(0).max(1).optional(),
  /** Not OpenAI's: only the k likeliest tokens; 0 is off. */
  top_k: z.int().min(0).optional(),
  /** Not OpenAI's: only tokens at least this fraction as likely as the likeliest; 0 is off. */
  min_p: z.number().min(0).max(1).optional(),
  presence_penalty: z.number().min(-2).max(2).optional(),
  frequency_penalty: z.number().min(-2).max(2).optional(),
  /** Not OpenAI's: above 1, tokens of the prompt and the answer become less likely; 1 is off. */
  repetition_penalty: z.number().gt(0).max(100).optional(),
  /** From token ids to what is added to their logits. */
  logit_bias: z.record(z.string(), z.number().min(-100).max(100)).optional(),
  /** Not OpenAI's: tokens that never come, the only ones that may, and further ones that end the answer. */
  banned_token_ids: tokenIds.optional(),
  allowed_token_ids: tokenIds.min(1).optional(),
  stop_token_ids: tokenIds.max(64).optional(),
  /** Not OpenAI's: no end before this many tokens; no end at the model's own stop tokens. */
  min_tokens: z.int().min(0).optional(),
  ignore_eos: z.boolean().optional(),
  n: z.int().min(1).max(MOST_CHOICES).optional(),
  response_format: responseFormat.optional(),
  seed: z.int().optional(),
  stop: stop.optional(),
  stream: z.boolean().optional(),
  stream_options: z.strictObject({ include_usage: z.boolean().optional(), include_obfuscation: z.boolean().optional() }).optional(),
  /** Not OpenAI's: which draft speculates for this request, or none; a pinned tree (the parent of each node, -1 first); chunks that show each step. */
  speculation: z.strictObject({
    draft: z.string().min(1).optional(),
    off: z.boolean().optional(),
    tree: z.array(z.int().min(-1)).min(1).max(MOST_NODES).optional(),
    trace: z.boolean().optional(),
  }).optional(),
}

/** What official clients send by habit; nothing here depends on it. */
export const acceptedWithoutEffect: ReadonlySet<string> = new Set([
  'user', 'metadata', 'service_tier', 'safety_identifier', 'prompt_cache_key', 'prompt_cache_retention',
])

/** Whether a refused field's value asks for nothing, so that ignoring it is right. */
type AsksNothing = (value: unknown) => boolean

const is = (...values: readonly unknown[]): AsksNothing => (value) => values.includes(value)
const empty: AsksNothing = (value) => typeof value === 'object' && value !== null && Object.keys(value).length === 0
const never: AsksNothing = () => false

export const refusedInChat: Readonly<Record<string, AsksNothing>> = {
  tools: empty,
  tool_choice: is('none', 'auto'),
  parallel_tool_calls: is(true, false),
  functions: empty,
  function_call: is('none', 'auto'),
  modalities: (value) => Array.isArray(value) && value.every((one) => one === 'text'),
  store: is(false),
  audio: never,
  prediction: never,
  reasoning_effort: is('none'),
  verbosity: is('medium'),
  web_search_options: never,
}

export const refusedInCompletions: Readonly<Record<string, AsksNothing>> = {
  best_of: is(1),
  suffix: is(''),
}
