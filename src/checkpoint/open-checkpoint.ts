/** Opens whatever a path points to as a checkpoint. */
import { stat } from 'node:fs/promises'
import { ModelError } from '../spec/errors.js'
import { openGguf } from './gguf/index.js'
import { openFolder } from './safetensors/index.js'
import type { Checkpoint } from './checkpoint.js'

/** A GGUF file or a Hugging Face checkpoint folder. Throws `ModelError` when there is none, or it cannot be read. */
export async function openCheckpoint(path: string): Promise<Checkpoint> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new ModelError(
      'model_not_found',
      path,
      `there is no model at ${path}; give a .gguf file, a checkpoint folder or a known name`,
      { cause },
    )
  })
  return found.isDirectory() ? openFolder(path) : openGguf(path)
}
