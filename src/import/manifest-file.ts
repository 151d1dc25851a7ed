/** Reading the manifest of an imported model, and telling what is wrong with it. */
import { readFile, stat } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { ModelError } from '../spec/errors.js'
import type { ModelManifest } from '../spec/manifest.js'
import { packSpec, unpackSpec, type PackedSpec } from '../spec/model-spec.js'
import { fileNames } from './import-files.js'

export const MANIFEST_FILE = 'sequoia.json'
/** Version of the graph contract; raise it whenever imported files must be made anew. */
export const CONTRACT_VERSION = 11

/**
 * Files up to this size are hashed whenever the manifest is loaded; larger ones are checked by size alone
 * (`verifyFiles` hashes all).
 */
const SMALL_BYTES = 8 * 2 ** 20

/**
 * Loads the manifest of an imported model and checks its files: presence and size of all, SHA-256 of the small ones.
 * Throws `ModelError` naming the file that is missing, truncated, corrupt or of another version.
 */
export async function loadManifest(dir: string): Promise<ModelManifest> {
  const manifest = await readManifest(join(dir, MANIFEST_FILE))
  await checkFiles(dir, manifest, SMALL_BYTES)
  return manifest
}

/** Hashes every file of an imported model. Throws `ModelError` for the first that is not what import wrote. */
export async function verifyFiles(dir: string): Promise<void> {
  await checkFiles(dir, await readManifest(join(dir, MANIFEST_FILE)), Infinity)
}

/** A manifest as its file has it. */
type StoredManifest = Omit<ModelManifest, 'spec'> & { spec: PackedSpec }

export function manifestText(manifest: ModelManifest): string {
  return JSON.stringify({ ...manifest, spec: packSpec(manifest.spec) }, null, 1)
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
    manifest = JSON.parse(text) as Partial<StoredManifest>
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
  if (!manifest.spec || !manifest.features || !manifest.files || !manifest.checks || !manifest.source) {
    throw new ModelError(
      'model_invalid',
      path,
      `${path} lacks a part (spec, features, files, checks or source); delete its folder and import the model again`,
    )
  }
  return { ...manifest, spec: unpackSpec(manifest.spec) } as ModelManifest
}

async function checkFiles(dir: string, manifest: ModelManifest, hashUpTo: number): Promise<void> {
  for (const name of fileNames(manifest)) {
    const path = join(dir, name)
    const expected = manifest.checks[name]
    const found = await stat(path).catch((cause: unknown) => {
      throw new ModelError(
        'model_not_found',
        path,
        `${path} is missing; delete its folder and import the model again`,
        { cause },
      )
    })
    if (!expected || found.size !== expected.bytes) {
      throw new ModelError(
        'model_invalid',
        path,
        `${path} has ${found.size} bytes, import wrote ${expected?.bytes}; ` +
          'delete its folder and import the model again',
      )
    }
    if (found.size > hashUpTo) continue
    const sha256 = createHash('sha256')
      .update(await readFile(path))
      .digest('hex')
    if (sha256 !== expected.sha256) {
      throw new ModelError(
        'model_invalid',
        path,
        `${path} is corrupt (SHA-256 ${sha256}, import wrote ${expected.sha256}); ` +
          'delete its folder and import the model again',
      )
    }
  }
}
