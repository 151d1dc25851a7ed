/** The folder of an import: it appears whole or not at all, whatever happens to the process that writes it. */
import { makeFolder } from '../common/make-folder.js'
import { freeKernels } from '../common/matrix-kernels.js'
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { ModelManifest } from '../spec/manifest.js'
import { isAbandoned, isKept, PART } from './leftovers.js'
import { storageFault } from './storage.js'
import { loadManifest, MANIFEST_FILE, manifestText, verifyFiles } from './manifest-file.js'

/**
 * Makes `outDir` of what `write` puts into the folder it is given, and of the manifest it returns; a folder that is
 * there already is replaced. What an import of the same folder left when it was killed is in there before. Throws what
 * `write` throws, and `StorageError` when the folder cannot be written.
 */
export async function importFolder(
  outDir: string,
  write: (dir: string) => Promise<ModelManifest>,
): Promise<ModelManifest> {
  const work = `${outDir}${PART}${process.pid}`
  try {
    await makeFolder(dirname(outDir))
    await takeOver(outDir, work)
    const manifest = await write(work)
    await writeFile(join(work, MANIFEST_FILE), manifestText(manifest))
    await publish(work, outDir, manifest)
    return manifest
  } catch (error) {
    await rm(work, { recursive: true, force: true }).catch(() => undefined)
    throw await storageFault(error, outDir)
  } finally {
    freeKernels()
  }
}

/**
 * Puts the finished folder in its place. One that holds the same is left alone: another process may have made it just
 * now and be reading it.
 */
async function publish(work: string, outDir: string, manifest: ModelManifest): Promise<void> {
  if (!(await holds(outDir, manifest))) {
    await rm(outDir, { recursive: true, force: true })
    const failure: unknown = await rename(work, outDir).catch((error: unknown) => error)
    if (failure !== undefined && !(await holds(outDir, manifest))) throw failure
  }
  await rm(work, { recursive: true, force: true })
}

async function holds(dir: string, manifest: ModelManifest): Promise<boolean> {
  try {
    await verifyFiles(dir)
    return manifestText(await loadManifest(dir)) === manifestText(manifest)
  } catch {
    return false
  }
}

/** Makes the folder `work`, of what an import into `outDir` left for the next one when its process was killed. */
async function takeOver(outDir: string, work: string): Promise<void> {
  const prefix = `${basename(outDir)}${PART}`
  const names = (await readdir(dirname(outDir))).filter((name) => name.startsWith(prefix) && isAbandoned(name))
  let isTaken = false
  for (const name of names) {
    const path = join(dirname(outDir), name)
    // Of two processes that come at once one gets it.
    isTaken ||= (await isKept(path)) && (await moved(path, work))
    if (!isTaken || path !== work) await rm(path, { recursive: true, force: true })
  }
  if (!isTaken) await mkdir(work)
}

async function moved(path: string, to: string): Promise<boolean> {
  return rename(path, to).then(
    () => true,
    () => false,
  )
}
