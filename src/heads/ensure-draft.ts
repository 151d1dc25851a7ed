/** Finding the head that a file is of, and its import on demand for one imported target. */
import type { OnProgress } from '../common/progress.js'
import { join } from 'node:path'
import { formatNamed } from '../formats/index.js'
import type { DeviceName } from '../runtime/binding/device.js'
import { ModelError } from '../spec/errors.js'
import type { ModelManifest } from '../spec/manifest.js'
import { openCheckpoint } from '../import/open-checkpoint.js'
import { folderName, reuse } from '../import/ensure-imported.js'
import type { ImportedModel } from '../import/open-files.js'
import type { DraftHead, HeadFile } from './draft-head.js'

export interface EnsureDraftOptions {
  /** The user's cache folder; imports lie in `imported/` below it. */
  cacheDir: string
  onProgress?: OnProgress
  /** The device that holds it as a whole, as it does its target; the CPU computes it if left out. */
  device?: DeviceName
}

/** The target as it was opened now: the file that its import was made from may have moved since. */
interface DraftTarget {
  source: string
  manifest: ModelManifest
}

/** The head of `known` that a path is a file of; null for whatever else it is. */
export async function headOf(path: string, known: readonly DraftHead[]): Promise<DraftHead | null> {
  for (const head of known) if (await head.recognizes(path)) return head
  return null
}

/**
 * Returns the imported form of a head's file for a target, importing it if need be. Throws `ModelError` where the
 * file is corrupt or another target's.
 */
export async function ensureDraftImported(
  draft: HeadFile,
  target: DraftTarget,
  { cacheDir, onProgress = () => undefined, device }: EnsureDraftOptions,
): Promise<ImportedModel> {
  const { spec, features, format: targetFormat } = target.manifest
  const width = draft.projection?.of(spec).width ?? spec.hidden
  if (features.written !== width)
    throw new ModelError(
      'model_invalid',
      draft.path,
      `${draft.path} reads ${width} features a row; ${target.source} was imported with ${features.written}: ` +
        'import it with features',
    )
  const onDevice = device !== undefined
  const format = draft.formatFor(formatNamed(targetFormat), device)
  const integers = onDevice ? null : format.integers && (await format.integers.best(cacheDir))
  const targetSha256 = target.manifest.source.sha256
  const name = folderName(draft, { format: format.name, integers: integers ?? undefined, onDevice, targetSha256 })
  const dir = join(cacheDir, 'imported', name)
  const ready = await reuse(dir)
  if (ready !== null) return ready
  const checkpoint = await openCheckpoint(target.source)
  try {
    return { dir, manifest: await draft.import(checkpoint, { format, integers, onDevice, outDir: dir, onProgress }) }
  } finally {
    await checkpoint.close()
  }
}
