/** From what a user calls a model to the file or folder it is. */
import { stat } from 'node:fs/promises'
import { didYouMean } from '../common/nearest.js'
import { ModelError } from '../spec/errors.js'
import { knownModels, modelNamed, pull, type PullOptions } from './pull/index.js'

/**
 * Returns a path: a known name, or one of the hub, is pulled if need be; anything else must be a `.gguf` file or a
 * checkpoint folder. (`./name` is a folder of that name even where the name is known.) Throws `ModelError`:
 * `model_not_found` for what is neither, and what `pull` throws.
 */
export async function resolveSource(nameOrPath: string, options: PullOptions): Promise<string> {
  if (modelNamed(nameOrPath)) return pull(nameOrPath, options)
  if (
    await stat(nameOrPath).then(
      () => true,
      () => false,
    )
  )
    return nameOrPath
  const known = knownModels.map((model) => model.name)
  throw new ModelError(
    'model_not_found',
    nameOrPath,
    `there is no model "${nameOrPath}"${didYouMean(nameOrPath, known)}: it is neither a known name ` +
      `(${known.join(', ')}), ` +
      'one of the hub (hf.co/ORG/REPO[:FILE]) nor a .gguf file or checkpoint folder that exists',
  )
}
