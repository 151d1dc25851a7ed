/** A GGUF file: its header checked whole at opening, its tensors read and dequantized one at a time. */
import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { hashFile } from '../../common/hash.js'
import { ModelError } from '../../spec/errors.js'
import type { RawGguf } from '../raw.js'
import { readTensor } from '../stored-tensor.js'
import { readHeader } from './header.js'

/**
 * Throws `ModelError`: `model_not_found` for a missing file, `model_invalid` for one that is truncated, corrupt, or
 * holds a tensor of an unknown type.
 */
export async function openGguf(path: string): Promise<RawGguf> {
  const { metadata, tensors } = await readHeader(path)
  const file = await open(path)
  return {
    kind: 'gguf',
    name: basename(path).replace(/\.gguf$/i, ''),
    path,
    metadata,
    tensors,
    license: metadata.has('general.license') ? metadata.string('general.license') : null,
    read: async (name, order) => {
      const tensor = tensors.get(name)
      if (!tensor) throw new ModelError('model_invalid', path, `${path} has no tensor ${name}`)
      return readTensor(file, path, tensor, order)
    },
    hash: () => hashFile(path),
    close: () => file.close(),
  }
}
