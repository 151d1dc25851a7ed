/** The flags of commands that decode: how tokens are chosen, and how many. Left out, the engine's defaults hold. */
import type { GenerateRequest } from '../api/types.js'
import { integer, real, seed, type Values } from './flags.js'

export const samplingFlags = {
  'max-tokens': integer('N', 'most tokens to generate (default 256)', 1),
  temperature: real('T', '0 is greedy (default 0)', 0, 100),
  'top-p': real('P', 'sample from the likeliest tokens that make up this share (default 1)', 0, 1, { above: true }),
  'top-k': integer('K', 'sample from this many tokens; 0 is off (default 0)', 0),
  'min-p': real('P', 'sample from tokens at least this fraction as likely as the likeliest (default 0)', 0, 1),
  seed: seed('same seed, same text (default: drawn at random)'),
}

export type SamplingFields = Pick<GenerateRequest, 'maxTokens' | 'temperature' | 'topP' | 'topK' | 'minP' | 'seed'>

/** The same as fields of a request. */
export function samplingFields(values: Values<typeof samplingFlags>): SamplingFields {
  return {
    maxTokens: values['max-tokens'],
    temperature: values.temperature,
    topP: values['top-p'],
    topK: values['top-k'],
    minP: values['min-p'],
    seed: values.seed,
  }
}
