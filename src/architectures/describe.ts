/** Finds the family of a checkpoint, and has it say what the model is and where its tensors lie. */
import { isDeepStrictEqual } from 'node:util'
import type { RawCheckpoint } from '../checkpoint/raw.js'
import { ModelError } from '../spec/errors.js'
import type { ModelSpec } from '../spec/model-spec.js'
import type { Architecture, TensorSpec } from './architecture.js'
import { configReader, type ConfigTensors } from './config-reader.js'
import { unsupported } from './unsupported.js'

export interface Described {
  /** The family's name. */
  family: string
  spec: ModelSpec
  /** By canonical name. */
  tensors: ReadonlyMap<string, TensorSpec>
  /**
   * Where short texts turn their keys otherwise than long ones, and only short ones are wanted: how long they may be.
   * Null: the model is what it is for any text.
   */
  within: number | null
}

/**
 * Throws `ModelError` for a family that none of `known` is, for configurations that the family cannot express, and for
 * tensors that are missing, misshapen or not part of such a model. `maxContext`: the longest text that is wanted.
 */
export async function describe(
  raw: RawCheckpoint,
  known: readonly Architecture[],
  maxContext: number | null = null,
): Promise<Described> {
  const family =
    raw.kind === 'gguf'
      ? familyOfGguf(raw.metadata.string('general.architecture'), raw, known)
      : familyOfFolder(raw.config.model_type, raw, known)
  const values = await configTensors(raw)
  const spec = family.spec(configReader(raw, values, maxContext))
  const isWhole = maxContext === null || isDeepStrictEqual(spec, family.spec(configReader(raw, values)))
  const tensors = family.tensors(spec, raw.kind)
  const names = namesOf(raw, family)
  checkTensors(raw, family, spec, tensors, names, values)
  const inFile = tensors.map((tensor): [string, TensorSpec] => [
    tensor.name,
    { ...tensor, fileName: names.get(tensor.fileName)! },
  ])
  return { family: family.name, spec, tensors: new Map(inFile), within: isWhole ? null : spec.maxPositions }
}

/** Tensors of GGUF files that belong to the configuration: factors that stretch rotary frequencies. */
const CONFIG_TENSOR = /^rope_\w+\.weight$/

async function configTensors(raw: RawCheckpoint): Promise<ConfigTensors> {
  const values = new Map<string, readonly number[]>()
  if (raw.kind === 'gguf')
    for (const name of raw.tensors.keys())
      if (CONFIG_TENSOR.test(name)) values.set(name, Array.from(await raw.read(name)))
  return values
}

/** The family's name of each tensor that reading text takes, and the file's name of it. */
function namesOf({ tensors }: RawCheckpoint, { textName }: Architecture): Map<string, string> {
  const named = [...tensors.keys()].flatMap((name): [string, string][] => {
    const ours = textName === undefined ? name : textName(name)
    return ours === null ? [] : [[ours, name]]
  })
  return new Map(named)
}

function familyOfGguf(name: string, { path }: RawCheckpoint, known: readonly Architecture[]): Architecture {
  const found = known.find(({ gguf }) => gguf === name)
  if (found) return found
  const names = known.flatMap(({ gguf }) => gguf ?? [])
  throw invalid(path, `holds a model of architecture "${name}"${unsupported(name)}; this reader knows ${listed(names)}`)
}

function familyOfFolder(name: unknown, { path }: RawCheckpoint, known: readonly Architecture[]): Architecture {
  const found = known.find(({ huggingFace }) => typeof name === 'string' && huggingFace.includes(name))
  if (found) return found
  const names = known.flatMap(({ huggingFace }) => huggingFace)
  throw invalid(
    `${path}/config.json`,
    `describes a model of type ${JSON.stringify(name)}${unsupported(name)}; this reader knows ${listed(names)}`,
  )
}

const listed = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ')

function checkTensors(
  raw: RawCheckpoint,
  family: Architecture,
  spec: ModelSpec,
  expected: readonly TensorSpec[],
  names: ReadonlyMap<string, string>,
  values: ConfigTensors,
): void {
  const { path, tensors } = raw
  const byFile = new Map(expected.map((tensor) => [tensor.fileName, tensor]))
  for (const [ours, name] of names) {
    const { shape } = tensors.get(name)!
    const tensor = byFile.get(ours)
    if (!tensor && (isIdle(ours, spec) || values.has(name))) continue
    if (!tensor)
      throw invalid(
        path,
        `has a tensor ${name}, which a ${family.name} model of ${spec.layers.length} layers with this configuration ` +
          'does not have; this variant is not supported',
      )
    const asked = tensor.within ? [tensor.within.rows, ...tensor.shape.slice(1)] : tensor.shape
    if (asked.join() !== shape.join())
      throw invalid(
        path,
        `has tensor ${name} as [${shape.join(', ')}] (outermost first); its configuration asks for ` +
          `[${asked.join(', ')}]`,
      )
  }
  const missing = [...byFile.keys()].filter((name) => !names.has(name))
  if (missing.length > 0)
    throw invalid(
      path,
      `lacks ${missing.length} of the tensors its configuration asks for, the first ${missing[0]}; ` +
        'convert or download it again',
    )
}

/** Tensors that carry nothing of their own: tables that follow from the configuration, and a tied head's copy. */
function isIdle(name: string, { tied }: ModelSpec): boolean {
  return name.endsWith('.rotary_emb.inv_freq') || (tied && name === 'lm_head.weight')
}

function invalid(path: string, message: string): ModelError {
  return new ModelError('model_invalid', path, `${path} ${message}`)
}
