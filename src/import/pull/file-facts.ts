/** A file's size and SHA-256 as its publisher states them, and checking a file against them. */
import { readFile, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { hashFile } from '../../common/hash.js'

export interface FileFacts {
  bytes: number
  /** Hex. */
  sha256: string
}

/** Says what is wrong with a file; null when it is whole. */
export async function findFault(path: string, facts: FileFacts): Promise<string | null> {
  const found = await stat(path).catch(() => null)
  if (!found) return 'is missing'
  if (found.size !== facts.bytes) return `has ${found.size} bytes, expected ${facts.bytes}`
  const sha256 = await hashFile(path)
  return sha256 === facts.sha256 ? null : `has SHA-256 ${sha256}, expected ${facts.sha256}`
}

/**
 * Whether a kept file is whole. A file that was hashed once is not hashed again while its size and time stay the same:
 * a note beside it remembers them.
 */
export async function isWhole(path: string, facts: FileFacts): Promise<boolean> {
  const found = await stat(path).catch(() => null)
  if (!found) return false
  const note = join(dirname(path), `.${basename(path)}.checked`)
  const seen = `${facts.sha256} ${found.size} ${found.mtimeMs}`
  if ((await readFile(note, 'utf8').catch(() => '')) === seen) return true
  if ((await findFault(path, facts)) !== null) return false
  // A read-only cache still works, with a hash each time.
  await writeFile(note, seen).catch(() => undefined)
  return true
}
