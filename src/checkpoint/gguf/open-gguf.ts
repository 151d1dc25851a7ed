/** A GGUF model: headers checked whole at opening, tensors read and dequantized one at a time. */
import { createHash } from 'node:crypto'
import { open, type FileHandle } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { hashFile } from '../../common/hash.js'
import { ModelError } from '../../spec/errors.js'
import { readJsonIfThere } from '../safetensors/json-file.js'
import type { RawGguf } from '../raw.js'
import { readTensor } from '../stored-tensor.js'
import { readParts } from './split.js'

/** What `generation_config.json` is to a folder, it is to a GGUF file beside it. */
export const beside = (path: string): string => join(dirname(path), 'generation_config.json')

/**
 * Opens a file, or all files of a model that is split, whichever of them is given. Throws `ModelError`:
 * `model_not_found` for a missing file, `model_invalid` for one that is truncated, corrupt, or holds a tensor of an
 * unknown type.
 */
export async function openGguf(path: string): Promise<RawGguf> {
  const { name, files, metadata, tensors } = await readParts(path)
  const config = await readJsonIfThere(beside(path))
  const handles = new Map<string, FileHandle>()
  for (const file of files) handles.set(file, await open(file))
  return {
    kind: 'gguf',
    name,
    path,
    metadata,
    generation: config && { path: beside(path), config },
    tensors,
    license: metadata.has('general.license') ? metadata.string('general.license') : null,
    read: async (tensorName, order) => {
      const tensor = tensors.get(tensorName)
      if (!tensor) throw new ModelError('model_invalid', path, `${path} has no tensor ${tensorName}`)
      return readTensor(handles.get(tensor.file)!, tensor.file, tensor, order)
    },
    hash: () => hashAll([...files, ...(config ? [beside(path)] : [])]),
    close: async () => {
      for (const handle of handles.values()) await handle.close()
    },
  }
}

/** Of one file its hash; of several that of their names and hashes. */
async function hashAll(files: readonly string[]): Promise<string> {
  if (files.length === 1) return hashFile(files[0])
  const hash = createHash('sha256')
  for (const file of files) hash.update(`${basename(file)} ${await hashFile(file)}\n`)
  return hash.digest('hex')
}
