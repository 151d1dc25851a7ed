/**
 * What was found out on this machine and need not be found out again: small JSON files in the cache folder, each under
 * a name that stands for all that it depends on. One that is damaged is as good as none.
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeWhole } from './write-whole.js'

/**
 * Times of passes, what decoding showed, checks of kernels, rates of formats, what drafts brought, and what sources say
 * of themselves.
 */
export type KeptFolder = 'profiles' | 'learned' | 'checks' | 'formats' | 'drafts' | 'facts'

/** A name of 24 hexadecimal digits for what a file's content depends on. */
export function keptName(dependsOn: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(dependsOn)).digest('hex').slice(0, 24)
}

export function keptPath(cacheDir: string, folder: KeptFolder, name: string): string {
  return join(cacheDir, folder, `${name}.json`)
}

/** Undefined where there is none that is whole JSON. */
export async function readKept(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch {
    return undefined
  }
}

/** A cache that cannot be written still works: what is lost is found out again. */
export async function writeKept(path: string, value: unknown): Promise<void> {
  await writeWhole(path, JSON.stringify(value)).catch(() => undefined)
}
