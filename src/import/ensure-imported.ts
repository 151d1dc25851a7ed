/** Import on demand: finds the folder that a source was imported into before, or imports it now. */
import type { OnProgress } from '../common/progress.js'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeWhole } from '../common/write-whole.js'
import { ModelError } from '../spec/errors.js'
import { formatNamed, revisionFor, type FormatName } from '../formats/index.js'
import type { IntegerType, KvFormat } from '../spec/manifest.js'
import { architectures } from '../architectures/index.js'
import { openCheckpoint } from './open-checkpoint.js'
import type { Checkpoint } from '../checkpoint/checkpoint.js'
import { markUsed } from './cache-contents.js'
import { importModel } from './import-model.js'
import { CONTRACT_VERSION, loadManifest, rememberFiles } from './manifest-file.js'
import { hasOwnBasis } from '../spec/model-spec.js'
import { removeLeftovers, SEEN } from './leftovers.js'
import type { ImportedModel } from './open-files.js'
import type { ProjectionSource } from './write-projection.js'
import { sourceStamp } from './source-stamp.js'

export interface EnsureOptions {
  /** The user's cache folder; imports lie in `imported/` below it. */
  cacheDir: string
  format: FormatName
  /** How a format that rounds stores whole numbers; as this machine multiplies them exactly if left out. */
  integers?: IntegerType
  /** With the output `hidden` (see `importModel`). */
  hidden?: boolean
  /** For a device that holds the whole model (see `importModel`). */
  onDevice?: boolean
  /** For a draft that reads layers' outputs (see `importModel`). */
  projection?: ProjectionSource
  /** How K is cached; default `f32`. */
  kv?: KvFormat
  /** The longest text that is wanted, in tokens: some models turn the keys of short texts otherwise. */
  maxContext?: number
  onProgress?: OnProgress
}

/**
 * Returns the imported form of a checkpoint or of a source path (a GGUF file or a checkpoint folder), importing it if
 * need be. A path whose files have the sizes and times they had last time is not read again. A damaged import is made
 * anew.
 *
 * Throws `ModelError` for a source that cannot be read or imported.
 */
export async function ensureImported(source: Checkpoint | string, given: EnsureOptions): Promise<ImportedModel> {
  const integers = given.onDevice ? null : formatNamed(given.format).integers
  const options = integers ? { ...given, integers: given.integers ?? (await integers.best(given.cacheDir)) } : given
  if (typeof source !== 'string') return importOnce(source, options)
  const note = await noteOf(source, options)
  const known = await readFile(note, 'utf8').catch(() => null)
  const ready = known === null ? null : await reuse(join(options.cacheDir, 'imported', known))
  if (ready !== null) return ready
  const checkpoint = await openCheckpoint(source, architectures, options.maxContext ?? null)
  try {
    const imported = await importOnce(checkpoint, options)
    // A cache that cannot be written still works; the source is read again each time.
    await writeWhole(note, ownFolder(checkpoint, options)).catch(() => undefined)
    return imported
  } finally {
    await checkpoint.close()
  }
}

/** The file that names the import of a source path, for as long as the source's files stay as they are. */
export async function noteOf(source: string, options: EnsureOptions): Promise<string> {
  return join(options.cacheDir, 'imported', `${SEEN}${await sourceStamp(source, askedOf(options))}`)
}

/** Imports under way in this thread, by their folder: who asks for one again waits for it. */
const underWay = new Map<string, Promise<ImportedModel>>()

async function importOnce(checkpoint: Checkpoint, options: EnsureOptions): Promise<ImportedModel> {
  const dir = join(options.cacheDir, 'imported', ownFolder(checkpoint, options))
  const ready = await reuse(dir)
  if (ready !== null) return ready
  const importing = underWay.get(dir) ?? importTo(dir, checkpoint, options)
  underWay.set(dir, importing)
  try {
    return await importing
  } finally {
    underWay.delete(dir)
  }
}

async function importTo(dir: string, checkpoint: Checkpoint, options: EnsureOptions): Promise<ImportedModel> {
  const siblings = join(options.cacheDir, 'imported')
  await removeLeftovers(siblings)
  const manifest = await importModel(checkpoint, { ...options, outDir: dir, siblings })
  await rememberFiles(dir, manifest)
  return { dir, manifest }
}

/** The import in `dir`, or null where there is none that is whole. */
export async function reuse(dir: string): Promise<ImportedModel | null> {
  try {
    const manifest = await loadManifest(dir)
    await markUsed(dir)
    return { dir, manifest }
  } catch (error) {
    if (error instanceof ModelError) return null
    throw error
  }
}

/** Names the import of a source: what it is made of and what was asked for. */
export function folderName(checkpoint: Pick<Checkpoint, 'name' | 'sha256' | 'within'>, options: Kind): string {
  const name = checkpoint.name.replace(/[^\w.-]+/g, '_').slice(0, 60)
  const within = checkpoint.within ? `within-${checkpoint.within}-` : ''
  return `${name}-${checkpoint.sha256.slice(0, 16)}-${within}${kind(options)}`
}

function ownFolder(checkpoint: Checkpoint, options: EnsureOptions): string {
  return folderName(checkpoint, { ...options, ownBasis: hasOwnBasis(checkpoint.spec) })
}

/**
 * Before the source is opened nobody knows what its layers are, so that both revisions of the format are asked for,
 * nor whether the length of texts matters to it.
 */
function askedOf(options: EnsureOptions): string {
  const asked = [kind(options), formatNamed(options.format).ownBasisRevision && kind({ ...options, ownBasis: true })]
  const kinds = asked.filter(Boolean).join(' or ')
  return options.maxContext === undefined ? kinds : `${kinds} for ${options.maxContext}`
}

interface Kind extends Pick<EnsureOptions, 'format' | 'integers' | 'hidden' | 'onDevice' | 'kv'> {
  projection?: Pick<ProjectionSource, 'sha256'>
  /** SHA-256 of the target's source, for a draft that is imported for it. */
  targetSha256?: string
  /** Whether the model's layers have norms behind branches. */
  ownBasis?: boolean
}

/** What was asked for: imports of one source that differ in it lie side by side. */
function kind({ format, integers, hidden, onDevice, kv, projection, targetSha256, ownBasis = false }: Kind): string {
  const revision = revisionFor(formatNamed(format), ownBasis)
  const parts = [
    targetSha256 && `for-${targetSha256.slice(0, 8)}`,
    format,
    revision && `r${revision}`,
    integers === 'uint8' && 'u8',
    hidden && 'hidden',
    onDevice && 'device',
    projection && `taps-${projection.sha256.slice(0, 8)}`,
    kv === 'f16' && 'k16',
    `v${CONTRACT_VERSION}`,
  ]
  return parts.filter(Boolean).join('-')
}
