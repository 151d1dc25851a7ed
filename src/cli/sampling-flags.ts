/**
 * The flags of commands that decode: how tokens are chosen, and how many. Left out, the engine's defaults hold: the
 * model's own where its files state any.
 */
import type { GenerateRequest, SamplingDefaults } from '../api/types.js'
import { integer, real, seed, type Values } from './flags.js'

export const samplingFlags = {
  'max-tokens': integer('N', 'most tokens to generate (default 256)', 1),
  temperature: real('T', '0 is greedy (default: as the model states, else 0)', 0, 100),
  'top-p': real(
    'P',
    'sample from the likeliest tokens that make up this share (default: as the model states, else 1)',
    0,
    1,
    { above: true },
  ),
  'top-k': integer('K', 'sample from this many tokens; 0 is off (default: as the model states, else 0)', 0),
  'min-p': real(
    'P',
    'sample from tokens at least this fraction as likely as the likeliest (default: as the model states, else 0)',
    0,
    1,
  ),
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

/** A model's defaults in the words of the flags: `temperature 0.6, top-p 0.95`. */
export function samplingText(sampling: SamplingDefaults): string {
  const words = Object.entries(sampling).map(
    ([name, value]) => `${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} ${value}`,
  )
  return words.join(', ')
}
