/** Opens whatever a path points to as a checkpoint. */
import { stat } from 'node:fs/promises'
import { ModelError } from '../../errors.js'
import { openGguf } from '../gguf/index.js'
import type { Checkpoint } from '../tensors.js'

/** A GGUF file. Throws `ModelError` for anything else. */
export async function openCheckpoint(path: string): Promise<Checkpoint> {
  const info = await stat(path).catch((cause: unknown) => {
    throw new ModelError('model_not_found', path, `there is no model at ${path}; give a .gguf file`, { cause })
  })
  if (info.isFile()) return openGguf(path)
  throw new ModelError('model_invalid', path, `${path} is a folder; give a .gguf file`)
}
