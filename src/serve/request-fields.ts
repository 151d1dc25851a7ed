/**
 * The request fields of the endpoints, in three lists: honoured (the schemas), accepted without effect, and refused
 * unless they ask for nothing. A field in none of them is an error: silence would hide a typing mistake.
 * `docs/protocol.md` publishes the lists; a test holds it against them.
 */
import * as z from 'zod'
import { MOST_PENALTY } from '../spec/sampling-defaults.js'
import { anyObject } from './json-values.js'
import { responseFormat } from './wire-response-format.js'
import { tokenIds } from './token-lists.js'

const stop = z.union([z.string().min(1), z.array(z.string().min(1)).max(16)], {
  error: 'must be a non-empty string or a list of at most 16 of them',
})

/** Most choices of one request. */
const MOST_CHOICES = 16

/** Longest pinned tree; the engine may allow less. */
const MOST_NODES = 1024

/** What `/chat/completions` and `/completions` share; `/responses` has most of them. */
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
  repetition_penalty: z
    .number()
    .min(1 / MOST_PENALTY)
    .max(MOST_PENALTY)
    .optional(),
  /** From token ids to what is added to their logits. */
  logit_bias: z.record(z.string(), z.number().min(-100).max(100)).optional(),
  /** Not OpenAI's: tokens that never come, the only ones that may, and further ones that end the answer. */
  banned_token_ids: tokenIds().optional(),
  allowed_token_ids: tokenIds(1).optional(),
  stop_token_ids: tokenIds(0, 64).optional(),
  /** Not OpenAI's: no end before this many tokens; no end at the model's own stop tokens. */
  min_tokens: z.int().min(0).optional(),
  ignore_eos: z.boolean().optional(),
  n: z.int().min(1).max(MOST_CHOICES).optional(),
  response_format: responseFormat.optional(),
  seed: z.int().optional(),
  stop: stop.optional(),
  /** Not OpenAI's: the answer says what it cost and what speculation gained. */
  include_metrics: z.boolean().optional(),
  /** Not OpenAI's: milliseconds after which an answer that is not complete becomes an error. */
  timeout_ms: z
    .int()
    .min(1)
    .max(2 ** 31 - 1)
    .optional(),
  stream: z.boolean().optional(),
  stream_options: z
    .strictObject({ include_usage: z.boolean().optional(), include_obfuscation: z.boolean().optional() })
    .optional(),
  /**
   * Not OpenAI's: which draft speculates for this request, or none; the most nodes of its trees, root included; a
   * pinned tree (the parent of each node, -1 first); chunks that show each step.
   */
  speculation: z
    .strictObject({
      draft: z.string().min(1).optional(),
      off: z.boolean().optional(),
      maxNodes: z.int().min(1).max(MOST_NODES).optional(),
      tree: z.array(z.int().min(-1)).min(1).max(MOST_NODES).optional(),
      trace: z.boolean().optional(),
    })
    .optional(),
}

/** What official clients send by habit; nothing here depends on it. */
export const acceptedWithoutEffect: ReadonlySet<string> = new Set([
  'user',
  'metadata',
  'service_tier',
  'safety_identifier',
  'prompt_cache_key',
  'prompt_cache_retention',
  'prompt_cache_options',
])

/**
 * A field that is not supported: the values that ask for nothing, so that ignoring them is right, and why all others
 * are refused.
 */
export interface RefusedField {
  /** Values of this form ask for nothing. */
  nothing: z.ZodType
  asksNothing(value: unknown): boolean
  why: string
}

export type RefusedFields = Readonly<Record<string, RefusedField>>

const but = (nothing: z.ZodType, why: string): RefusedField => ({
  nothing,
  asksNothing: (value) => nothing.safeParse(value).success,
  why,
})
const is = (why: string, ...values: readonly (string | number | boolean)[]): RefusedField => but(z.literal(values), why)
const empty = (why: string): RefusedField => but(z.union([z.array(z.unknown()).max(0), z.strictObject({})]), why)
const never = (why: string): RefusedField => but(z.never(), why)

const NEWER_NAME = 'it is the older form of tools and tool_choice; send those'
const NO_TOOLS = 'tools are for /chat/completions here'
const NOTHING_KEPT = 'nothing is kept of an answer, so it could not be asked for later'
const NO_EFFORT =
  'how much a model thinks cannot be set; where its chat template has a switch, chat_template_kwargs turns it'
const NO_MODERATION = 'nothing is moderated here'
const TEXT_ONLY = 'the models served here read and write text only'

const tools: RefusedFields = {
  tools: empty(NO_TOOLS),
  tool_choice: is(NO_TOOLS, 'none', 'auto'),
  parallel_tool_calls: is(NO_TOOLS, true, false),
}

/** Values for the chat template, which knows what they may be. */
export const chatTemplateKwargs = anyObject.optional()

export const refusedInChat: RefusedFields = {
  moderation: never(NO_MODERATION),
  functions: empty(NEWER_NAME),
  function_call: is(NEWER_NAME, 'none', 'auto'),
  modalities: but(z.array(z.literal('text')), TEXT_ONLY),
  audio: never(TEXT_ONLY),
  store: is(NOTHING_KEPT, false),
  prediction: never('drafts come from a model or from n-grams; see speculation.draft'),
  reasoning_effort: is(NO_EFFORT, 'none'),
  verbosity: is('the models served here were not taught lengths of answers', 'medium'),
  web_search_options: never('there is no web search'),
}

export const refusedInCompletions: RefusedFields = {
  best_of: is('answers are not ranked; ask for n and choose', 1),
  suffix: is('the models served here were not taught to fill in', ''),
}

export const refusedInResponses: RefusedFields = {
  moderation: never(NO_MODERATION),
  ...tools,
  max_tool_calls: never(NO_TOOLS),
  store: is(NOTHING_KEPT, false),
  previous_response_id: never(`${NOTHING_KEPT}; send the earlier turns in input`),
  conversation: never(`${NOTHING_KEPT}; send the earlier turns in input`),
  background: is(NOTHING_KEPT, false),
  prompt: never('no prompts are kept here; send the text in input'),
  reasoning: but(z.record(z.string(), z.literal('none').nullable()), NO_EFFORT),
  truncation: is('a prompt that does not fit is an error', 'disabled'),
  context_management: empty('a prompt that does not fit is an error'),
}

/** The lists for a model that thinks: there "none" asks for something. */
export function whereItThinks(refused: RefusedFields): RefusedFields {
  const { reasoning_effort, reasoning } = refused
  return {
    ...refused,
    ...(reasoning_effort && { reasoning_effort: never(NO_EFFORT) }),
    ...(reasoning && { reasoning: but(z.record(z.string(), z.null()), NO_EFFORT) }),
  }
}
