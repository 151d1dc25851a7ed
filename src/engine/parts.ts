/** The opened parts an engine is made of, and what of them a request asks for: tokens of its prompt, its draft. */
import type { PastOutputs } from '../../plugins/drafters/past-outputs.js'
import { verifiers } from '../../plugins/verifiers/index.js'
import { InvalidArgumentError } from '../spec/errors.js'
import { assertFits } from '../text/fits.js'
import type { ChatTemplate, Tokenizer } from '../text/text.js'
import type { Drafter } from '../strategies/drafter.js'
import type { ModelRunner } from '../passes/model-runner.js'
import type { Calibration } from '../speculation/time-passes.js'
import type { CheckedRequest } from './request.js'
import type { StepContext } from './step.js'
import { checkTools, type CheckedTools } from './tools.js'
import type { Engine, EngineInfo, GenerateRequest } from '../api/types.js'

export interface EngineParts {
  info: EngineInfo
  context: StepContext
  /** Every model's runner, the target's first, and `apart`. */
  runners: readonly ModelRunner[]
  /** The target over a cache for prompts alone; null where memory is for others to use. It keeps the target's clock. */
  apart: ModelRunner | null
  /** Tokens the model ends its answers with. */
  stopTokens: readonly number[]
  tokenizer: Tokenizer
  template: ChatTemplate | null
  bosToken: number | null
  /** By the names a request may give as `draft`. */
  drafters: ReadonlyMap<string, Drafter>
  defaultDraft: string
  /** Of each model's passes. */
  calibrations: readonly Calibration[]
  /** Most requests that decode together, and most that wait. */
  maxBatch: number
  maxQueue: number
  /** Bytes of K/V rows kept of texts that ended. */
  prefixCacheBytes: number
  /** K/V slots that all who decode share; null where each has as many as it needs. */
  cells: number | null
  /** Earlier answers that n-grams guess from; null where none are kept. */
  past: PastOutputs | null
  /** Most milliseconds of a request. */
  timeoutMs: number | undefined
  tuning: Engine['tuning']
}

/**
 * Token ids of a prompt as the model reads it; `tools`: what is settled of the request's already. Throws
 * `InvalidArgumentError` naming the field, and for a text that `mostTokens` cannot hold `context_overflow`.
 */
export function encodePrompt(
  parts: EngineParts,
  request: Pick<GenerateRequest, 'messages' | 'tools' | 'toolChoice' | 'prompt' | 'promptTokens'>,
  tools?: CheckedTools | null,
  mostTokens = Infinity,
): number[] {
  const { tokenizer, template, bosToken, info } = parts
  if (request.promptTokens) {
    const bad = request.promptTokens.findIndex(
      (token) => !Number.isInteger(token) || token < 0 || token >= info.vocabSize,
    )
    if (bad >= 0 || request.promptTokens.length === 0) {
      throw new InvalidArgumentError(
        'promptTokens',
        `promptTokens must be token ids from 0 to ${info.vocabSize - 1}, at least one; entry ${bad} is ${request.promptTokens[bad]}`,
      )
    }
    return [...request.promptTokens]
  }
  if (request.messages) {
    if (!template)
      throw new InvalidArgumentError(
        'messages',
        `model "${info.model}" has no chat template; send a raw prompt instead`,
      )
    return template.encode(request.messages, (tools === undefined ? checkTools(request) : tools)?.shown, mostTokens)
  }
  assertFits(tokenizer, [request.prompt!], mostTokens)
  const tokens = tokenizer.encode(request.prompt!)
  if (bosToken !== null) tokens.unshift(bosToken)
  if (tokens.length === 0)
    throw new InvalidArgumentError(
      'prompt',
      'prompt is empty and this model has no token to begin with; give some text',
    )
  return tokens
}

/**
 * The draft a request speculates with; null: none. Throws `InvalidArgumentError` for one that is not open, or that its
 * verifier cannot verify.
 */
export function drafterOf(parts: EngineParts, request: CheckedRequest): Drafter | null {
  const name = request.draft ?? parts.defaultDraft
  if (name === 'none') return null
  const drafter = parts.drafters.get(name)
  if (!drafter) {
    throw new InvalidArgumentError(
      'draft',
      `draft "${name}" is not open in this engine; it has none, ${[...parts.drafters.keys()].join(', ')}`,
    )
  }
  const verifier = verifiers.get(request.verifier)!
  const grown =
    drafter.growth === 'dynamic' ||
    (drafter.growth === 'static' && parts.context.speculation.parts.planner.growth === 'dynamic')
  if (grown && !verifier.allowsDynamic) {
    throw new InvalidArgumentError(
      'verifier',
      `draft "${name}" chooses its tree after seeing its tokens, which "${verifier.name}" cannot verify without bias; use "coupled"`,
    )
  }
  return drafter
}
