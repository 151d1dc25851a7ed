/**
 * A configuration as families read it, whether it is a `config.json` or the metadata of a GGUF file. A value that is
 * missing or of the wrong kind is a `ModelError` that names it.
 */
import type { RawCheckpoint, RawFolder, RawGguf } from '../checkpoint/raw.js'
import { asRecord } from '../common/record.js'
import { ModelError } from '../spec/errors.js'

/** Hugging Face's folder of `config.json` and safetensors, or a GGUF file. */
export type FileKind = 'hf' | 'gguf'

/**
 * A value's key in each kind of file; null where that kind does not have it. In `hf` dots lead into objects, and `|`
 * parts keys of which the first that is there counts; `gguf` goes without the architecture's prefix.
 */
export interface Key {
  hf: string | null
  gguf: string | null
}

export interface ConfigReader {
  readonly from: FileKind
  /** Tensors in the file. */
  readonly tensorCount: number
  /** The longest text that is wanted, in tokens; null: as long as the configuration states. */
  readonly maxContext: number | null
  has(key: Key): boolean
  /** Above 0; `fallback` where it is not there. */
  number(key: Key, fallback?: number): number
  /** Whole and above 0. */
  count(key: Key, fallback?: number): number
  text(key: Key, fallback?: string): string
  flag(key: Key, fallback: boolean): boolean
  numbers(key: Key): readonly number[]
  texts(key: Key): readonly string[]
  /** What a tensor of few values holds that belongs to the configuration; null for one that the file lacks. */
  values(tensor: string): readonly number[] | null
  /** Outermost first; null for a tensor that the file lacks. */
  shape(tensor: string): readonly number[] | null
  /** Throws `ModelError`: the message goes on after the file's path. */
  refuse(message: string): never
}

/** Tensors that are part of a configuration, read beforehand. */
export type ConfigTensors = ReadonlyMap<string, readonly number[]>

/** `config.json` of a model that sees and reads keeps what concerns reading in `text_config`. */
export function configReader(
  raw: RawCheckpoint,
  values: ConfigTensors = new Map(),
  maxContext: number | null = null,
): ConfigReader {
  return { ...(raw.kind === 'gguf' ? ggufReader(raw, values) : jsonReader(raw, values)), maxContext }
}

type OfFile = Omit<ConfigReader, 'maxContext'>

function ggufReader({ path, metadata, tensors }: RawGguf, values: ConfigTensors): OfFile {
  const prefix = metadata.string('general.architecture')
  const refuse = refusing(path)
  const read = <T>({ hf, gguf }: Key, fallback: T | undefined, get: (key: string) => T): T => {
    if (gguf !== null) return get(`${prefix}.${gguf}`)
    return fallback ?? refuse(`has no place for "${hf}", which this family needs; use the checkpoint's folder`)
  }
  const positive = (key: string, fallback?: number): number => {
    const value = metadata.number(key, fallback)
    return value > 0 ? value : refuse(`has ${value} as metadata "${key}"; expected a number above 0`)
  }
  return {
    from: 'gguf',
    tensorCount: tensors.size,
    has: ({ gguf }) => gguf !== null && metadata.has(`${prefix}.${gguf}`),
    number: (key, fallback) => read(key, fallback, (name) => positive(name, fallback)),
    count: (key, fallback) => read(key, fallback, (name) => metadata.count(name, fallback)),
    text: (key, fallback) => read(key, fallback, (name) => metadata.string(name, fallback)),
    flag: (key, fallback) => read(key, fallback, (name) => metadata.boolean(name, fallback)),
    numbers: (key) => read(key, undefined, (name) => metadata.numbers(name)),
    texts: (key) => read(key, undefined, (name) => metadata.strings(name)),
    values: (tensor) => values.get(tensor) ?? null,
    shape: (tensor) => tensors.get(tensor)?.shape ?? null,
    refuse,
  }
}

function jsonReader({ path: dir, config: whole, tensors }: RawFolder, values: ConfigTensors): OfFile {
  const config = { ...whole, ...asRecord(whole.text_config) }
  const refuse = refusing(`${dir}/config.json`)
  const find = (path: string): unknown =>
    path.split('.').reduce<unknown>((value, key) => asRecord(value)?.[key] ?? undefined, config)
  const value = ({ hf }: Key): unknown =>
    hf
      ?.split('|')
      .map(find)
      .find((found) => found !== undefined)
  const expected = (key: Key, found: unknown, what: string): never =>
    refuse(`has ${JSON.stringify(found) ?? 'nothing'} as "${key.hf}"; expected ${what}`)
  const number = (key: Key, fallback?: number): number => {
    const found = value(key) ?? fallback
    return typeof found === 'number' && found > 0 ? found : expected(key, found, 'a number above 0')
  }
  return {
    from: 'hf',
    tensorCount: tensors.size,
    has: (key) => value(key) !== undefined,
    number,
    count: (key, fallback) => {
      const found = number(key, fallback)
      return Number.isSafeInteger(found) ? found : expected(key, found, 'a whole number')
    },
    text: (key, fallback) => {
      const found = value(key) ?? fallback
      return typeof found === 'string' ? found : expected(key, found, 'text')
    },
    flag: (key, fallback) => {
      const found = value(key) ?? fallback
      return typeof found === 'boolean' ? found : expected(key, found, 'true or false')
    },
    numbers: (key) => {
      const found = value(key)
      const isList = Array.isArray(found) && found.every((item): item is number => typeof item === 'number')
      return isList ? found : expected(key, found, 'a list of numbers')
    },
    texts: (key) => {
      const found = value(key)
      const isList = Array.isArray(found) && found.every((item): item is string => typeof item === 'string')
      return isList ? found : expected(key, found, 'a list of texts')
    },
    values: (tensor) => values.get(tensor) ?? null,
    shape: (tensor) => tensors.get(tensor)?.shape ?? null,
    refuse,
  }
}

function refusing(path: string): (message: string) => never {
  return (message) => {
    throw new ModelError('model_invalid', path, `${path} ${message}`)
  }
}
