/** Gets a known model: from the cache if it is there whole, else from the first of its sources that delivers. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ModelError } from '../../spec/errors.js'
import { knownModels } from './known-models.js'
import type { KnownModel } from './source.js'

export interface PullOptions {
  /** The user's cache folder; pulled models lie in `sources/` below it. */
  cacheDir: string
  /** Gets a line at the start and for every tenth of a transfer. */
  onProgress?: (line: string) => void
  signal?: AbortSignal
}

/**
 * Returns the path of the model's file or folder, pulling it if need be. Throws `ModelError`: `model_not_found` for an
 * unknown name; `pull_failed` when no source delivers, naming each and why it failed.
 */
export async function pull(name: string, options: PullOptions): Promise<string> {
  const model = knownModels.find((known) => known.name === name)
  if (!model)
    throw new ModelError(
      'model_not_found',
      name,
      `"${name}" is not a known model; known are ${knownModels.map((known) => known.name).join(', ')}`,
    )
  return pullModel(model, options)
}

/** As `pull`, for a model that need not be in the list. */
export async function pullModel(model: KnownModel, options: PullOptions): Promise<string> {
  const { onProgress = () => undefined, signal } = options
  const dir = join(options.cacheDir, 'sources')
  for (const source of model.sources) {
    const path = await source.find(dir)
    if (path !== null) return path
  }
  const failures: string[] = []
  for (const source of model.sources) {
    try {
      onProgress(`pulling ${model.name} from ${source.label}`)
      await mkdir(dir, { recursive: true })
      return await source.fetch({ dir, onProgress, signal })
    } catch (error) {
      signal?.throwIfAborted()
      failures.push(`${source.label}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  throw new ModelError('pull_failed', dir, `${model.name} could not be pulled; tried ${failures.join('; and ')}`)
}
