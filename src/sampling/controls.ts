/** The checked form of `SamplingFields`: every field there, every token id within the vocabulary. */
import { InvalidArgumentError } from '../spec/errors.js'
import { askGrammar, type AskedGrammar } from '../grammar/asked-grammar.js'
import { MOST_PENALTY } from '../spec/sampling-defaults.js'
import { flag, integer, real, show } from '../spec/check-values.js'
import type { SamplingFields } from './sampling-fields.js'

export interface Controls {
  repetitionPenalty: number
  presencePenalty: number
  frequencyPenalty: number
  /** [token, bias] pairs. */
  logitBias: readonly (readonly [token: number, bias: number])[]
  bannedTokens: readonly number[]
  /** Null: all. */
  allowedTokens: readonly number[] | null
  minTokens: number
  ignoreEos: boolean
  stopTokenIds: readonly number[]
  /** How many of the likeliest tokens to report; null: no log probabilities. */
  logprobs: number | null
  /** Grammar of the answer, and the field that asks for it; null: any text. */
  grammar: FieldGrammar | null
}

export interface FieldGrammar {
  asked: AskedGrammar
  param: 'responseFormat' | 'tools'
}

export const SAMPLING_FIELDS: readonly (keyof SamplingFields)[] = [
  'repetitionPenalty',
  'presencePenalty',
  'frequencyPenalty',
  'logitBias',
  'bannedTokens',
  'allowedTokens',
  'minTokens',
  'ignoreEos',
  'stopTokenIds',
  'logprobs',
  'responseFormat',
  'choice',
]

const MOST_STOP_TOKENS = 64
export const MOST_TOP_LOGPROBS = 20

/** Throws `InvalidArgumentError` naming the field. */
export function checkControls(fields: SamplingFields, maxTokens: number, vocabSize: number): Controls {
  const bannedTokens = tokenIds('bannedTokens', fields.bannedTokens ?? [], vocabSize)
  const allowedTokens =
    fields.allowedTokens === undefined ? null : tokenIds('allowedTokens', fields.allowedTokens, vocabSize)
  const banned = new Set(bannedTokens)
  if (allowedTokens?.every((token) => banned.has(token))) {
    throw new InvalidArgumentError(
      'allowedTokens',
      'allowedTokens must leave a token to choose; got ' +
        `${show(allowedTokens)}${bannedTokens.length > 0 ? ', all of them in bannedTokens' : ''}`,
    )
  }
  const stopTokenIds = tokenIds('stopTokenIds', fields.stopTokenIds ?? [], vocabSize)
  if (stopTokenIds.length > MOST_STOP_TOKENS)
    throw new InvalidArgumentError(
      'stopTokenIds',
      `stopTokenIds may hold ${MOST_STOP_TOKENS} tokens at most; got ${stopTokenIds.length}`,
    )
  const asked = fields.responseFormat === undefined ? null : askGrammar({ format: fields.responseFormat })
  if (asked !== null && fields.ignoreEos)
    throw new InvalidArgumentError(
      'ignoreEos',
      'ignoreEos goes on after the end, but an answer in a response format ends when it is complete; leave out ' +
        'one of the two',
    )
  return {
    repetitionPenalty: real('repetitionPenalty', fields.repetitionPenalty ?? 1, 1 / MOST_PENALTY, MOST_PENALTY),
    presencePenalty: real('presencePenalty', fields.presencePenalty ?? 0, -2, 2),
    frequencyPenalty: real('frequencyPenalty', fields.frequencyPenalty ?? 0, -2, 2),
    logitBias: biases(fields.logitBias ?? {}, vocabSize),
    bannedTokens,
    allowedTokens,
    minTokens: integer('minTokens', fields.minTokens ?? 0, 0, maxTokens),
    ignoreEos: flag('ignoreEos', fields.ignoreEos ?? false),
    stopTokenIds,
    logprobs:
      fields.logprobs === undefined
        ? null
        : integer('logprobs', fields.logprobs, 0, Math.min(MOST_TOP_LOGPROBS, vocabSize)),
    grammar: asked && { asked, param: 'responseFormat' },
  }
}

function tokenIds(param: string, value: unknown, vocabSize: number): number[] {
  if (!Array.isArray(value))
    throw new InvalidArgumentError(param, `${param} must be a list of token ids; got ${show(value)}`)
  for (const token of value) assertToken(param, token, vocabSize)
  return [...new Set(value as number[])]
}

function biases(value: unknown, vocabSize: number): [number, number][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidArgumentError(
      'logitBias',
      `logitBias must be an object from token ids to numbers; got ${show(value)}`,
    )
  }
  return Object.entries(value).map(([key, bias]) => {
    const token = /^\d+$/.test(key) ? Number(key) : key
    assertToken('logitBias', token, vocabSize)
    return [token as number, real(`logitBias.${key}`, bias, -100, 100)]
  })
}

function assertToken(param: string, token: unknown, vocabSize: number): void {
  if (typeof token === 'number' && Number.isInteger(token) && token >= 0 && token < vocabSize) return
  throw new InvalidArgumentError(param, `${param} takes token ids from 0 to ${vocabSize - 1}; got ${show(token)}`)
}
