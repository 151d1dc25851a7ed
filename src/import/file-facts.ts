/** A file's size and SHA-256 as its publisher states them, and checking a file against them. */
import { readFile, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { hashFile } from '../common/hash.js'

export interface FileFacts {
  bytes: number
  /** Hex. */
  sha256: string
}

/** The fault of a file that is not there. */
export const MISSING = 'is missing'

/** Says what is wrong with a file, as the end of a sentence about it; null when it is whole. */
export async function findFault(path: string, facts: FileFacts): Promise<string | null> {
  const found = await stat(path).catch(() => null)
  if (!found) return MISSING
  if (found.size !== facts.bytes) return `has ${found.size} bytes, expected ${facts.bytes}`
  const sha256 = await hashFile(path)
  return sha256 === facts.sha256 ? null : `has SHA-256 ${sha256}, expected ${facts.sha256}`
}

/**
 * What is wrong with a kept file, as `findFault` says it. A file that was hashed once is not hashed again until
 * something was written to it: a note beside it remembers its stamp.
 */
export async function keptFault(path: string, facts: FileFacts): Promise<string | null> {
  const stamp = await stampOf(path, facts)
  if (stamp !== null && (await readFile(noteOf(path), 'utf8').catch(() => '')) === stamp) return null
  const fault = await findFault(path, facts)
  if (fault === null) await remember(path, facts)
  return fault
}

/** Whether a kept file is there, and whole. */
export async function isWhole(path: string, facts: FileFacts): Promise<boolean> {
  return (await keptFault(path, facts)) === null
}

/** Notes that a file, as it lies there, has this hash: for who has just written or read all of it. */
export async function remember(path: string, facts: FileFacts): Promise<void> {
  const stamp = await stampOf(path, facts)
  // A read-only cache still works, with a hash each time.
  if (stamp !== null) await writeFile(noteOf(path), stamp).catch(() => undefined)
}

const noteOf = (path: string): string => join(dirname(path), `.${basename(path)}.checked`)

/** Changes with every write, whatever time the writer sets: nobody can set `ctime`. Null for another size. */
async function stampOf(path: string, { bytes, sha256 }: FileFacts): Promise<string | null> {
  const found = await stat(path, { bigint: true }).catch(() => null)
  if (found?.size !== BigInt(bytes)) return null
  return `${sha256} ${bytes} ${found.mtimeNs} ${found.ctimeNs} ${found.ino}`
}
