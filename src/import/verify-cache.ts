/** Every byte of what the cache holds, held against the hashes that were noted when it was pulled or imported. */
import { join, basename } from 'node:path'
import { SequoiaError } from '../spec/errors.js'
import type { CacheContents } from './cache-contents.js'
import { findFault, type FileFacts } from './file-facts.js'
import { verifyFiles } from './manifest-file.js'
import { knownModels } from './pull/index.js'
import { readPin } from './pull/hub-repository.js'

export interface Verified {
  path: string
  /** What is wrong, in a sentence; null: every byte is what it was. */
  fault: string | null
}

/**
 * One entry for each import of this release and each source whose hashes are known, as they are done. A file is read
 * whole; nothing is mended.
 */
export async function* verifyCached({ sources, imports }: CacheContents): AsyncGenerator<Verified> {
  for (const { path, isCurrent } of imports) if (isCurrent) yield { path, fault: await importFault(path) }
  for (const { name, path } of sources) {
    const files = await factsOf(name, path)
    for (const [file, facts] of files) {
      const fault = await findFault(file, facts)
      yield { path: file, fault: fault === null ? null : `${file} ${fault}; pull ${name} again` }
    }
  }
}

async function importFault(dir: string): Promise<string | null> {
  try {
    await verifyFiles(dir)
    return null
  } catch (error) {
    if (error instanceof SequoiaError) return error.message
    throw error
  }
}

async function factsOf(name: string, path: string): Promise<[string, FileFacts][]> {
  const known = knownModels.find((model) => model.name === name)?.sources.find(({ files }) => files !== undefined)
  const files = known?.files ?? (await readPin(path))?.files ?? {}
  return Object.entries(files).map(([file, facts]) => [
    known?.place === file ? path : join(path, basename(file)),
    facts,
  ])
}
