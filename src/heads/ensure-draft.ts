/** Import on demand of a feature drafter for one imported target. */
import { join } from 'node:path'
import { openDraftFile } from './sequoia-draft-file.js'
import type { ModelManifest } from '../spec/manifest.js'
import { openCheckpoint } from '../import/open-checkpoint.js'
import { folderName, reuse } from '../import/ensure-imported.js'
import type { ImportedModel } from '../import/open-files.js'
import { DRAFT_FORMAT, importDraft } from './import-draft.js'

export interface EnsureDraftOptions {
  /** The user's cache folder; imports lie in `imported/` below it. */
  cacheDir: string
  onProgress?: (line: string) => void
}

/** The target as it was opened now: the file that its import was made from may have moved since. */
interface DraftTarget {
  source: string
  manifest: ModelManifest
}

/**
 * Returns the imported form of a drafter's file for a target, importing it if need be. Throws `ModelError` where the
 * file is corrupt or another target's.
 */
export async function ensureDraftImported(
  path: string,
  target: DraftTarget,
  { cacheDir, onProgress = () => undefined }: EnsureDraftOptions,
): Promise<ImportedModel> {
  const draft = await openDraftFile(path)
  try {
    const integers = await DRAFT_FORMAT.integers.best()
    const dir = join(
      cacheDir,
      'imported',
      folderName(draft, { format: DRAFT_FORMAT.name, integers, targetSha256: target.manifest.source.sha256 }),
    )
    const ready = await reuse(dir)
    if (ready !== null) return ready
    const checkpoint = await openCheckpoint(target.source)
    try {
      return { dir, manifest: await importDraft(draft, checkpoint, { integers, outDir: dir, onProgress }) }
    } finally {
      await checkpoint.close()
    }
  } finally {
    await draft.close()
  }
}
