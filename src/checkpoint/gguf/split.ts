/**
 * Models in several GGUF files, `NAME-00001-of-00003.gguf` and so on, each with `split.no`, `split.count` and
 * `split.tensors.count`. Only the first has the model's metadata; each has the header of its own tensors.
 */
import { stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { ModelError } from '../../spec/errors.js'
import type { StoredTensor } from '../stored-tensor.js'
import { readHeader, type GgufHeader } from './header.js'
import type { Metadata } from './metadata.js'

export interface PlacedTensor extends StoredTensor {
  /** File that holds it. */
  file: string
}

export interface GgufParts {
  /** The model's name as its files have it. */
  name: string
  /** All files, in order. */
  files: string[]
  metadata: Metadata
  tensors: Map<string, PlacedTensor>
}

const PART = /^(.*)-(\d{5})-of-(\d{5})(\.gguf)$/i

/** The files that a name of this pattern stands for, in order; of any other name the file itself. */
export function partsOf(path: string): string[] {
  const [, name, , count, end] = PART.exec(basename(path)) ?? []
  if (name === undefined || Number(count) < 1) return [path]
  return Array.from({ length: Number(count) }, (_, i) =>
    join(dirname(path), `${name}-${String(i + 1).padStart(5, '0')}-of-${count}${end}`),
  )
}

/**
 * The headers of a model, whichever of its files is given. Throws `ModelError`: `model_not_found` naming the part that
 * is missing, `model_invalid` for parts that do not belong together, and what `readHeader` throws.
 */
export async function readParts(path: string): Promise<GgufParts> {
  const given = await readHeader(path)
  const count = given.metadata.count('split.count', 1)
  const name = basename(path).replace(/\.gguf$/i, '')
  if (count === 1) return { name, files: [path], metadata: given.metadata, tensors: placed([[path, given]]) }
  const files = partsOf(path)
  if (files.length !== count)
    throw invalid(
      path,
      `is one of ${count} parts, which its name does not say; ` +
        `call the parts NAME-00001-of-${String(count).padStart(5, '0')}.gguf and so on`,
    )
  const parts: [string, GgufHeader][] = []
  for (const [i, file] of files.entries()) {
    const header = file === path ? given : await partOf(file, path)
    const [no, of] = [header.metadata.number('split.no', -1), header.metadata.number('split.count', 1)]
    if (no !== i || of !== count)
      throw invalid(file, `says it is part ${no + 1} of ${of}; its name says ${i + 1} of ${count}: download it again`)
    parts.push([file, header])
  }
  const { metadata } = parts[0][1]
  const tensors = placed(parts)
  const expected = metadata.count('split.tensors.count', tensors.size)
  if (tensors.size !== expected)
    throw invalid(path, `and its ${count - 1} sisters hold ${tensors.size} tensors of ${expected}; download them again`)
  return { name: PART.exec(basename(path))![1], files, metadata, tensors }
}

async function partOf(file: string, of: string): Promise<GgufHeader> {
  const isThere = await stat(file).then(
    () => true,
    () => false,
  )
  if (isThere) return readHeader(file)
  throw new ModelError(
    'model_not_found',
    file,
    `${file} is missing: ${of} is one part of a model in several; download that part into the same folder`,
  )
}

function placed(parts: readonly [string, GgufHeader][]): Map<string, PlacedTensor> {
  const all = new Map<string, PlacedTensor>()
  for (const [file, { tensors }] of parts)
    for (const [name, tensor] of tensors) {
      const other = all.get(name)
      if (other) throw invalid(file, `holds tensor ${name}, as ${other.file} does; download the parts again`)
      all.set(name, { ...tensor, file })
    }
  return all
}

const invalid = (path: string, message: string): ModelError =>
  new ModelError('model_invalid', path, `${path} ${message}`)
