/** What killed and removed imports leave in the folder of imports: folders half written, and notes of what is gone. */
import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isRunning } from '../common/running.js'

/** Marks folders being written; the writer's process id follows. */
export const PART = '.part-'
/** In a folder being written: what of the weights is there already. */
export const PARTS_FILE = '.parts.json'
/** Begins the names of notes, each of which names the import of a source. */
export const SEEN = 'seen-'

const WRITER = /\.part-(\d+)$/

/**
 * Removes them from the folder of imports; what a running process writes stays, and so does what an import can go on
 * with: `unfinishedImports` tells of those.
 */
export async function removeLeftovers(dir: string): Promise<void> {
  for (const name of await namesIn(dir)) {
    const path = join(dir, name)
    const isLeft = isAbandoned(name) && !(await isKept(path))
    if (isLeft || (name.startsWith(SEEN) && (await isOfNothing(path)))) await rm(path, { recursive: true, force: true })
  }
}

/** Folders of killed imports that the next import of the same goes on with. */
export async function unfinishedImports(dir: string): Promise<string[]> {
  const found = []
  for (const name of await namesIn(dir))
    if (isAbandoned(name) && (await isKept(join(dir, name)))) found.push(join(dir, name))
  return found
}

/** Whether a name is that of a folder whose writer was killed. */
export function isAbandoned(name: string): boolean {
  const writer = WRITER.exec(name)?.[1]
  return writer !== undefined && !isRunning(Number(writer))
}

const namesIn = (dir: string): Promise<string[]> => readdir(dir).catch(() => [])

/** Whether the folder of a killed import says what of the weights is there. */
export async function isKept(path: string): Promise<boolean> {
  return (await stat(join(path, PARTS_FILE)).catch(() => null)) !== null
}

/** Whether a note names an import that is not there. */
async function isOfNothing(note: string): Promise<boolean> {
  const name = await readFile(note, 'utf8').catch(() => null)
  return name !== null && (await stat(join(note, '..', name)).catch(() => null)) === null
}
