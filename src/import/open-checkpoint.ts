/** Puts a checkpoint together: raw files, what their family says they are, and their text side. */
import { architectures as ALL, describe, type Architecture, type TensorSpec } from '../architectures/index.js'
import type { Checkpoint } from '../checkpoint/checkpoint.js'
import { openRaw } from '../checkpoint/open-raw.js'
import type { RawCheckpoint } from '../checkpoint/raw.js'
import type { RowOrder } from '../checkpoint/stored-tensor.js'
import { ModelError } from '../spec/errors.js'
import { textSide } from '../text/gguf/text-side.js'
import { readTextSide } from '../text/hugging-face/text-side.js'

/**
 * Opens a GGUF file or a Hugging Face checkpoint folder of one of the `architectures`, for texts of `maxContext` tokens
 * at most (null: as long as its configuration states). Throws `ModelError` when there is none at `path`, or when it
 * cannot be read.
 */
export async function openCheckpoint(
  path: string,
  architectures: readonly Architecture[] = ALL,
  maxContext: number | null = null,
): Promise<Checkpoint> {
  const raw = await openRaw(path)
  try {
    return await assemble(raw, architectures, maxContext)
  } catch (error) {
    await raw.close()
    throw error
  }
}

async function assemble(
  raw: RawCheckpoint,
  architectures: readonly Architecture[],
  maxContext: number | null,
): Promise<Checkpoint> {
  const { spec, tensors, within } = await describe(raw, architectures, maxContext)
  const text = await textOf(raw, spec.vocab)
  const tensor = (name: string): TensorSpec => {
    const found = tensors.get(name)
    if (!found) throw new ModelError('model_invalid', raw.path, `${raw.path} has no tensor ${name}`)
    return found
  }
  return {
    name: raw.name,
    path: raw.path,
    sha256: await raw.hash(),
    spec,
    within,
    ...text,
    license: raw.license,
    ...(raw.kind === 'hf' ? standInOf(raw.path, raw.config, spec.vocab) : {}),
    metadata: raw.kind === 'gguf' ? raw.metadata.under('sequoia.') : {},
    has: (name) => tensors.has(name),
    shape: (name) => [...tensor(name).shape],
    read: (name) => readAs(raw, tensor(name)),
    close: () => raw.close(),
  }
}

/** Its tokenizer, its chat template, and what else it states of texts. `vocab`: rows of its embedding. */
export async function textOf(raw: RawCheckpoint, vocab: number): Promise<Awaited<ReturnType<typeof readTextSide>>> {
  return raw.kind === 'gguf' ? textSide(raw.metadata, vocab, raw.generation) : readTextSide(raw.path, raw.config, vocab)
}

/** `pard_token`, where a draft has one. */
function standInOf(path: string, config: Record<string, unknown>, vocab: number): { standIn?: number } {
  const refuse = (message: string): never => {
    throw new ModelError('model_invalid', path, `${path}/config.json ${message}`)
  }
  if (config.pard2_target_layers !== undefined)
    refuse('has "pard2_target_layers": drafts of PARD-2 read layers of their target, which is not supported; use PARD')
  const token = config.pard_token
  if (token === undefined) return {}
  if (typeof token !== 'number' || !Number.isInteger(token) || token < 0 || token >= vocab)
    return refuse(`has ${JSON.stringify(token)} as "pard_token"; expected a token below ${vocab}`)
  return { standIn: token }
}

/** The file's values as the canonical tensor has them. */
async function readAs(raw: RawCheckpoint, { fileName, shape, within, order, plus }: TensorSpec): Promise<Float32Array> {
  // A bias lies in its file as one row, whose values go where a matrix's rows go.
  const isVector = shape.length === 1
  const read = await raw.read(fileName, isVector ? undefined : order)
  const all = isVector && order ? reordered(read, order) : read
  const width = shape.slice(1).reduce((product, size) => product * size, 1)
  const values = within ? all.slice(within.firstRow * width, (within.firstRow + shape[0]) * width) : all
  return plus === undefined ? values : values.map((value) => value + plus)
}

function reordered(values: Float32Array, order: RowOrder): Float32Array {
  const out = new Float32Array(values.length)
  values.forEach((value, i) => (out[order(i)] = value))
  return out
}
