/** Small files that a reader sees whole or not at all, whenever the writer is killed. */
import { randomUUID } from 'node:crypto'
import { rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeFolder } from './make-folder.js'

/** Writes a file beside its place and moves it there; makes its folder where there is none. */
export async function writeWhole(path: string, text: string): Promise<void> {
  await makeFolder(dirname(path))
  const part = `${path}.part-${randomUUID()}`
  try {
    await writeFile(part, text)
    await rename(part, path)
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
}
