/** Gets a known model: from the cache if it is there whole, else from the first of its sources that delivers. */
import { makeFolder } from '../../common/make-folder.js'
import { remark, type OnProgress } from '../../common/progress.js'
import { join } from 'node:path'
import { InvalidArgumentError, ModelError, PullError, StorageError } from '../../spec/errors.js'
import { storageFault, type FreeBytes } from '../storage.js'
import { parseHubReference } from './hub-reference.js'
import { hubRepository } from './hub-repository.js'
import { knownModels } from './known-models.js'
import { removeAbandoned } from './work-folder.js'
import { Unreachable, type KnownModel } from './source.js'

export interface PullOptions {
  /** The user's cache folder; pulled models lie in `sources/` below it. */
  cacheDir: string
  /** Told of the start, and of every piece of a transfer. */
  onProgress?: OnProgress
  signal?: AbortSignal
  /** Tells what is free on the disk of a folder; the system does if left out. */
  freeBytes?: FreeBytes
}

/** A model by its own name, or of the hub; null for neither. */
export function modelNamed(name: string): KnownModel | null {
  const reference = parseHubReference(name)
  return (
    knownModels.find((known) => known.name === name) ??
    (reference && { name, summary: reference.repository, sources: [hubRepository(reference)] })
  )
}

/**
 * Returns the path of the model's file or folder, pulling it if need be. Throws `ModelError`: `model_not_found` for an
 * unknown name; `PullError` when no source delivers, naming each and why it failed. `StorageError`
 * when the cache cannot be written or is too full: no other source is tried then.
 */
export async function pull(name: string, options: PullOptions): Promise<string> {
  const model = modelNamed(name)
  if (!model)
    throw new ModelError(
      'model_not_found',
      name,
      `"${name}" is not a known model; known are ${knownModels.map((known) => known.name).join(', ')}, and ` +
        'hf.co/ORG/REPO[:FILE or quantization]',
    )
  return pullModel(model, options)
}

/** As `pull`, for a model that need not be in the list. */
export async function pullModel(model: KnownModel, options: PullOptions): Promise<string> {
  const { onProgress = () => undefined, signal, freeBytes } = options
  const dir = join(options.cacheDir, 'sources')
  for (const source of model.sources) {
    const path = await source.find(dir)
    if (path !== null) return path
  }
  await makeFolder(dir).catch(async (error: unknown) => {
    throw await storageFault(error, dir)
  })
  await removeAbandoned(dir)
  const failures: string[] = []
  let offline = true
  for (const source of model.sources) {
    try {
      onProgress(remark(`pulling ${model.name} from ${source.label}`, 'pull'))
      if (model.terms) onProgress(remark(`using it means keeping to the ${model.terms.name}: ${model.terms.url}`))
      return await source.fetch({ dir, onProgress, signal, freeBytes })
    } catch (error) {
      signal?.throwIfAborted()
      const fault = await storageFault(error, dir)
      if (fault instanceof StorageError || fault instanceof InvalidArgumentError) throw fault
      offline &&= error instanceof Unreachable
      failures.push(`${source.label}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  throw new PullError(dir, `${model.name} could not be pulled; tried ${failures.join('; and ')}`, { offline })
}
