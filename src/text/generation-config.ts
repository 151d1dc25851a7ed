/**
 * What a model's makers would have its tokens chosen by, and end its texts with: `generation_config.json` of a Hugging
 * Face folder or beside a GGUF file, and a GGUF file's own metadata. The same values count as in vLLM.
 */
import type { Metadata } from '../checkpoint/gguf/metadata.js'
import { InvalidArgumentError, ModelError } from '../spec/errors.js'
import { MOST_PENALTY, type SamplingDefaults } from '../spec/sampling-defaults.js'
import { integer, positive, real } from '../spec/check-values.js'

const MOST_TEMPERATURE = 100

interface Source {
  path: string
  /** A number, or undefined where the source does not state it. */
  get(name: string): unknown
}

/** Keys of `generation_config.json`, as the hub's models have them, and GGUF's of the same meaning. */
const GGUF_KEYS: Readonly<Record<string, string>> = {
  temperature: 'general.sampling.temp',
  top_p: 'general.sampling.top_p',
  top_k: 'general.sampling.top_k',
  min_p: 'general.sampling.min_p',
  repetition_penalty: 'general.sampling.penalty_repeat',
}

/**
 * `path` is the file of `config`. Where it says that tokens are drawn but not at which temperature, that is 1, as in
 * `transformers`. Throws `ModelError` naming the key of a value that is out of range.
 */
export function samplingOfConfig(path: string, config: Readonly<Record<string, unknown>>): SamplingDefaults {
  const stated = defaultsOf({ path, get: (name) => config[name] ?? undefined })
  return config.do_sample === true ? { temperature: 1, ...stated } : stated
}

/** Of a GGUF file's `general.sampling.*`. Throws as `samplingOfConfig`. */
export function samplingOfGguf(metadata: Metadata): SamplingDefaults {
  return defaultsOf({
    path: metadata.path,
    get: (name) => {
      const key = GGUF_KEYS[name]
      return metadata.has(key) ? metadata.number(key) : undefined
    },
  })
}

/** The ids that end a text: one, a list, or none stated. */
export function endTokens(config: Readonly<Record<string, unknown>>): number[] | null {
  const stated = config.eos_token_id ?? null
  return stated === null ? null : [stated].flat().filter((id) => typeof id === 'number')
}

function defaultsOf({ path, get }: Source): SamplingDefaults {
  const read = <T>(name: string, check: (param: string, value: unknown) => T): T | undefined => {
    const value = get(name)
    if (value === undefined) return undefined
    try {
      return check(name, value)
    } catch (cause) {
      if (!(cause instanceof InvalidArgumentError)) throw cause
      throw new ModelError(
        'model_invalid',
        path,
        `${path}: ${cause.message}; correct it, or leave it out so that requests say it`,
        { cause },
      )
    }
  }
  const all = {
    temperature: read('temperature', (param, value) => real(param, value, 0, MOST_TEMPERATURE)),
    topP: read('top_p', (param, value) => positive(param, value, 1)),
    // Some write -1 for "all", which is 0 here.
    topK: read('top_k', (param, value) => Math.max(0, integer(param, value, -1, 2 ** 31 - 1))),
    minP: read('min_p', (param, value) => real(param, value, 0, 1)),
    repetitionPenalty: read('repetition_penalty', (param, value) => real(param, value, 1 / MOST_PENALTY, MOST_PENALTY)),
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}
