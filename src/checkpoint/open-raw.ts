/** Opens whatever a path points to. */
import { stat } from 'node:fs/promises'
import { ModelError } from '../spec/errors.js'
import { openGguf } from './gguf/index.js'
import type { RawCheckpoint } from './raw.js'
import { openFolder } from './safetensors/index.js'

/**
 * Opens a GGUF file or a checkpoint folder; tensor data stay on disk until `read`. Throws `ModelError`:
 * `model_not_found` for what is not there, `model_invalid` for what is truncated, corrupt or of an unknown type.
 */
export async function openRaw(path: string): Promise<RawCheckpoint> {
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
