/** What files and folders take on disk. */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Of a file, or of all files in a folder; 0 where nothing is. */
export async function bytesOf(path: string): Promise<number> {
  return bytesOnce([path])
}

/** Of several together: a file with more than one name, such as weights that imports share, counts once. */
export async function bytesOnce(paths: readonly string[]): Promise<number> {
  const found = new Map<string, number>()
  for (const path of paths) await gather(path, found)
  return [...found.values()].reduce((sum, bytes) => sum + bytes, 0)
}

/** By device and inode. */
async function gather(path: string, found: Map<string, number>): Promise<void> {
  const facts = await stat(path, { bigint: true }).catch(() => null)
  if (facts?.isDirectory()) for (const name of await readdir(path)) await gather(join(path, name), found)
  else if (facts) found.set(`${facts.dev}:${facts.ino}`, Number(facts.size))
}
