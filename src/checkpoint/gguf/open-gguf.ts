/**
 * A GGUF file as a `Checkpoint`: its header checked whole at opening, its tensors read and dequantized one at a time.
 */
import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { ModelError } from '../../spec/errors.js'
import { hashFile } from '../../common/hash.js'
import type { ModelSpec } from '../../spec/model-spec.js'
import type { Checkpoint } from '../checkpoint.js'
import { checkTensors } from '../../architectures/llama-tensors.js'
import { readTensor, type RowOrder, type StoredTensor } from '../stored-tensor.js'
import { readHeader } from './header.js'
import { checkpointName, llamaConfig } from '../../architectures/llama-gguf.js'
import { textSide } from '../../text/gguf/text-side.js'

/**
 * Opens a GGUF file of the Llama family. Tensor data stay on disk until `read`. Throws `ModelError`: `model_not_found`
 * for a missing file, `model_invalid` for one that is truncated, corrupt, of another architecture, or holds a tensor of
 * an unknown type, a wrong shape or one too few.
 */
export async function openGguf(path: string): Promise<Checkpoint> {
  const header = await readHeader(path)
  const spec = llamaConfig(header)
  const tensors = new Map(
    [...header.tensors.values()].map((tensor) => [checkpointName(tensor.name) ?? tensor.name, tensor]),
  )
  checkTensors(
    path,
    spec,
    [...tensors].map(([name, tensor]) => ({ name, fileName: tensor.name, shape: tensor.shape })),
  )
  const text = textSide(header.metadata, spec.vocab)
  const sha256 = await hashFile(path)
  const file = await open(path)
  const tensor = (name: string): StoredTensor => {
    const found = tensors.get(name)
    if (!found) throw new ModelError('model_invalid', path, `${path} has no tensor ${name}`)
    return found
  }
  return {
    name: basename(path).replace(/\.gguf$/i, ''),
    path,
    sha256,
    spec,
    ...text,
    license: header.metadata.has('general.license') ? header.metadata.string('general.license') : null,
    metadata: header.metadata.under('sequoia.'),
    has: (name) => tensors.has(name),
    shape: (name) => [...tensor(name).shape],
    read: (name) => readTensor(file, path, tensor(name), rowOrder(name, spec)),
    close: () => file.close(),
  }
}

/**
 * GGUF keeps the q and k rows of a head interleaved (0, d/2, 1, d/2 + 1, ...), for a rotation of neighbours; the
 * checkpoint's rotation pairs value j with value j + d/2.
 */
function rowOrder(name: string, { layers: [layer] }: ModelSpec): RowOrder {
  if (!/\.self_attn\.[qk]_proj\./.test(name)) return (row) => row
  const { headDim } = layer.attention
  return (row) => {
    const inHead = row % headDim
    return row - inHead + (inHead & 1) * (headDim / 2) + (inHead >> 1)
  }
}
