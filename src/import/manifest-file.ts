/** Reading the manifest of an imported model, and telling what is wrong with it. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sha256 } from '../common/hash.js'
import { ModelError } from '../spec/errors.js'
import type { ModelManifest } from '../spec/manifest.js'
import { packSpec, unpackSpec, type PackedSpec } from '../spec/model-spec.js'
import { findFault, keptFault, MISSING, remember, type FileFacts } from './file-facts.js'
import { fileNames } from './import-files.js'

export const MANIFEST_FILE = 'sequoia.json'
/** Version of the graph contract; raise it whenever imported files must be made anew. */
export const CONTRACT_VERSION = 12

/** Files up to this size are hashed whenever the manifest is loaded. */
const SMALL_BYTES = 8 * 2 ** 20

/**
 * Loads the manifest of an imported model and checks its files: presence and size of all, SHA-256 of the small ones,
 * and of a larger one where it is not known to be untouched since it was hashed last. Throws `ModelError` naming the
 * file that is missing, truncated, corrupt or of another version.
 */
export async function loadManifest(dir: string): Promise<ModelManifest> {
  const manifest = await readManifest(join(dir, MANIFEST_FILE))
  await checkFiles(dir, manifest, (path, facts) => (facts.bytes > SMALL_BYTES ? keptFault : findFault)(path, facts))
  return manifest
}

/** Hashes every file of an imported model. Throws `ModelError` for the first that is not what import wrote. */
export async function verifyFiles(dir: string): Promise<ModelManifest> {
  const manifest = await readManifest(join(dir, MANIFEST_FILE))
  await checkFiles(dir, manifest, findFault)
  return manifest
}

/** Notes that the files of an import were written just now: the next `loadManifest` need not hash the large ones. */
export async function rememberFiles(dir: string, { checks }: Pick<ModelManifest, 'checks'>): Promise<void> {
  for (const [name, facts] of Object.entries(checks))
    if (facts.bytes > SMALL_BYTES) await remember(join(dir, name), facts)
}

/** A manifest as its file has it. */
type StoredManifest = Omit<ModelManifest, 'spec'> & { spec: PackedSpec }

/** Its first member is the SHA-256 of the text without it: what guards the other files has to be whole itself. */
export function manifestText(manifest: ModelManifest): string {
  const text = JSON.stringify({ ...manifest, spec: packSpec(manifest.spec) }, null, 1)
  return `{\n "sha256": "${sha256(text)}",${text.slice(1)}`
}

const SUM = /^\{\n "sha256": "(.*)",/

/** Whether the text is what import wrote. Manifests of earlier releases have no sum. */
function isWhole(text: string): boolean {
  const sum = SUM.exec(text)?.[1]
  return sum === undefined || sum === sha256(text.replace(SUM, '{'))
}

async function readManifest(path: string): Promise<ModelManifest> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new ModelError(
      'model_not_found',
      path,
      `there is no imported model here: ${path} cannot be read; import the model again`,
      { cause },
    )
  })
  let manifest: Partial<StoredManifest>
  try {
    manifest = JSON.parse(text.replace(SUM, '{')) as Partial<StoredManifest>
  } catch (cause) {
    throw new ModelError('model_invalid', path, `${path} is not JSON; delete its folder and import the model again`, {
      cause,
    })
  }
  if (manifest.version !== CONTRACT_VERSION) {
    throw new ModelError(
      'model_invalid',
      path,
      `${path} has version ${manifest.version}, this release reads ${CONTRACT_VERSION}; import the model again`,
    )
  }
  if (!isWhole(text)) {
    const why = 'is not what import wrote; delete its folder and import the model again'
    throw new ModelError('model_invalid', path, `${path} ${why}`)
  }
  if (!manifest.spec || !manifest.features || !manifest.files || !manifest.checks || !manifest.source) {
    throw new ModelError(
      'model_invalid',
      path,
      `${path} lacks a part (spec, features, files, checks or source); delete its folder and import the model again`,
    )
  }
  return { ...manifest, spec: unpackSpec(manifest.spec) } as ModelManifest
}

/** How a file is held against what import wrote: what is wrong with it, or null. */
type Check = (path: string, facts: FileFacts) => Promise<string | null>

async function checkFiles(dir: string, manifest: ModelManifest, check: Check): Promise<void> {
  for (const name of fileNames(manifest)) {
    const path = join(dir, name)
    const facts = manifest.checks[name]
    const fault = facts ? await check(path, facts) : 'has no size and hash in the manifest'
    if (fault === null) continue
    throw new ModelError(
      fault === MISSING ? 'model_not_found' : 'model_invalid',
      path,
      `${path} ${fault}; delete its folder and import the model again`,
    )
  }
}
