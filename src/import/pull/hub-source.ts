/** A checkpoint folder from the Hugging Face hub, at one revision, every file checked. */
import { join } from 'node:path'
import { makeFolder } from '../../common/make-folder.js'
import { download } from './download.js'
import { isWhole, type FileFacts } from '../file-facts.js'
import { hubAddress, hubHeaders } from './hub-repository.js'
import type { PullSource } from './source.js'

export interface HubFolder {
  /** `owner/name` on the hub. */
  repository: string
  /** Commit hash: a name such as "main" would move. */
  revision: string
  /** Name of the folder in the cache. */
  folder: string
  files: Readonly<Record<string, FileFacts>>
  /** Where the hub is; `HF_ENDPOINT` names a mirror. */
  baseUrl?: string
}

export function hubSource({ repository, revision, folder, files, baseUrl }: HubFolder): PullSource {
  const find = async (dir: string): Promise<string | null> => {
    for (const [name, facts] of Object.entries(files)) if (!(await isWhole(join(dir, folder, name), facts))) return null
    return join(dir, folder)
  }
  return {
    label: `the Hugging Face hub (${repository})`,
    place: folder,
    files,
    find,
    async fetch({ dir, onProgress, signal, freeBytes }) {
      const base = baseUrl ?? hubAddress()
      await makeFolder(join(dir, folder))
      for (const [name, facts] of Object.entries(files)) {
        const path = join(dir, folder, name)
        if (await isWhole(path, facts)) continue
        const onBytes = (done: number): void =>
          onProgress({ stage: 'pull', text: `pulling ${repository} ${name}`, done, total: facts.bytes })
        await download(`${base.replace(/\/$/, '')}/${repository}/resolve/${revision}/${name}`, path, facts, {
          onBytes,
          signal,
          freeBytes,
          headers: hubHeaders(),
        })
      }
      return join(dir, folder)
    },
  }
}
