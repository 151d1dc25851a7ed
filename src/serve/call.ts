/** A checked request of any endpoint, in the engine's words, with what its answer needs to know. */
import { randomUUID } from 'node:crypto'
import type { EngineInfo, GenerateRequest } from '../api/types.js'
import type * as z from 'zod'
import { ApiError } from './api-error.js'
import type { Endpoint } from './endpoint.js'
import { toResponseFormat, type responseFormat } from './wire-response-format.js'

export interface Call {
  endpoint: Endpoint
  /** Id, time (seconds) and model that every chunk of the answer repeats. */
  id: string
  created: number
  model: string
  stream: boolean
  includeUsage: boolean
  includeMetrics: boolean
  /** Choices asked for. */
  n: number
  request: GenerateRequest
  /** Fields of the request that its answer repeats; `/responses` alone does. */
  repeated?: Readonly<Record<string, unknown>>
}

/** What a check of a request must know of the model that is to answer it. */
export type Served = Pick<EngineInfo, 'maxContext' | 'sampling' | 'thinks'>

const ID_PREFIX = { chat: 'chatcmpl-', completions: 'cmpl-', responses: 'resp_' }

/** The checked fields that the endpoints have in common. */
export interface SharedFields {
  model: string
  max_tokens?: number
  temperature?: number
  top_p?: number
  top_k?: number
  min_p?: number
  seed?: number
  stop?: string | string[]
  timeout_ms?: number
  include_metrics?: boolean
  stream?: boolean
  stream_options?: { include_usage?: boolean }
  speculation?: { draft?: string; off?: boolean; maxNodes?: number; tree?: number[]; trace?: boolean }
  n?: number
  presence_penalty?: number
  frequency_penalty?: number
  repetition_penalty?: number
  logit_bias?: Record<string, number>
  banned_token_ids?: number[]
  allowed_token_ids?: number[]
  min_tokens?: number
  ignore_eos?: boolean
  stop_token_ids?: number[]
  response_format?: z.infer<typeof responseFormat>
}

/** What OpenAI samples with where a request says nothing, and here the model neither. */
const DEFAULT_TEMPERATURE = 1

/** Builds the call from shared fields; `prompt` is the endpoint's own part of the engine request. */
export function toCall(endpoint: Endpoint, fields: SharedFields, prompt: GenerateRequest, { sampling }: Served): Call {
  const { speculation } = fields
  if (fields.stream_options && !fields.stream) {
    throw new ApiError(
      400,
      'invalid_value',
      'stream_options is for streamed answers; set stream to true or leave it out',
      'stream_options',
    )
  }
  const { draft, tree, maxNodes, off } = speculation ?? {}
  if (off && (draft !== undefined || tree || maxNodes !== undefined)) {
    const asks = tree ? 'pins a tree' : draft === undefined ? 'bounds its trees' : 'names a draft'
    throw new ApiError(
      400,
      'invalid_value',
      `speculation ${asks} and turns drafting off; give one of the two`,
      'speculation',
    )
  }
  if (tree && maxNodes !== undefined)
    throw new ApiError(
      400,
      'invalid_value',
      'speculation pins a tree and bounds its nodes; give one of the two',
      'speculation',
    )
  if (speculation?.trace && !fields.stream) {
    throw new ApiError(
      400,
      'invalid_value',
      'speculation.trace is for streamed answers; set stream to true or leave it out',
      'speculation.trace',
    )
  }
  return {
    endpoint,
    id: ID_PREFIX[endpoint] + randomUUID().replaceAll('-', ''),
    created: Math.floor(Date.now() / 1000),
    model: fields.model,
    stream: fields.stream ?? false,
    includeMetrics: fields.include_metrics ?? false,
    includeUsage: fields.stream_options?.include_usage ?? false,
    n: fields.n ?? 1,
    request: {
      ...prompt,
      temperature: fields.temperature ?? sampling.temperature ?? DEFAULT_TEMPERATURE,
      topP: fields.top_p,
      topK: fields.top_k,
      minP: fields.min_p,
      seed: fields.seed,
      stop: typeof fields.stop === 'string' ? [fields.stop] : fields.stop,
      timeoutMs: fields.timeout_ms,
      repetitionPenalty: fields.repetition_penalty,
      presencePenalty: fields.presence_penalty,
      frequencyPenalty: fields.frequency_penalty,
      logitBias: fields.logit_bias,
      bannedTokens: fields.banned_token_ids,
      allowedTokens: fields.allowed_token_ids,
      minTokens: fields.min_tokens,
      ignoreEos: fields.ignore_eos,
      stopTokenIds: fields.stop_token_ids,
      responseFormat: fields.response_format && toResponseFormat(fields.response_format),
      draft: off ? 'none' : draft,
      maxNodes,
      tree,
      trace: speculation?.trace,
    },
  }
}
