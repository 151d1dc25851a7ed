/** What killed and removed imports leave in the folder of imports: folders half written, and notes of what is gone. */
import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isRunning } from '../common/running.js'

/** Marks folders being written; the writer's process id follows. */
export const PART = '.part-'
/** Begins the names of notes, each of which names the import of a source. */
export const SEEN = 'seen-'

const WRITER = /\.part-(\d+)$/

/** Removes them from the folder of imports; what a running process writes, this one too, stays. */
export async function removeLeftovers(dir: string): Promise<void> {
  for (const name of await readdir(dir).catch(() => [])) {
    const path = join(dir, name)
    const writer = Number(WRITER.exec(name)?.[1] ?? process.pid)
    const isAbandoned = writer !== process.pid && !isRunning(writer)
    if (isAbandoned || (name.startsWith(SEEN) && (await isOfNothing(path))))
      await rm(path, { recursive: true, force: true })
  }
}

/** Whether a note names an import that is not there. */
async function isOfNothing(note: string): Promise<boolean> {
  const name = await readFile(note, 'utf8').catch(() => null)
  return name !== null && (await stat(join(note, '..', name)).catch(() => null)) === null
}
