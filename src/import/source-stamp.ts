/** Stands for a model's files as they lie there: what was learned of them holds until one is written anew. */
import { createHash } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { beside, partsOf } from '../checkpoint/gguf/index.js'
import { ModelError } from '../spec/errors.js'

/**
 * 32 hexadecimal digits over what was asked of a source, its path, and the size and time of each of its files, which
 * are not opened. Throws `ModelError` where there is none.
 */
export async function sourceStamp(path: string, asked: string): Promise<string> {
  const full = resolve(path)
  const hash = createHash('sha256').update(asked)
  for (const name of await filesOf(full)) {
    // A part that is missing is named when the model is opened.
    const found = await stat(name).catch(() => null)
    hash.update(`\n${name} ${found?.size} ${found?.mtimeMs}`)
  }
  return hash.digest('hex').slice(0, 32)
}

/** Bytes of all its files. Throws `ModelError` where there is none. */
export async function sourceBytes(path: string): Promise<number> {
  const sizes = await Promise.all((await filesOf(resolve(path))).map((name) => stat(name).catch(() => null)))
  return sizes.reduce((sum, found) => sum + (found?.size ?? 0), 0)
}

/** Of a folder all; of a GGUF model its parts, and the configuration beside them where there is one. */
async function filesOf(full: string): Promise<string[]> {
  const info = await stat(full).catch((cause: unknown) => {
    throw new ModelError(
      'model_not_found',
      full,
      `there is no model at ${full}; give a .gguf file or a checkpoint folder`,
      { cause },
    )
  })
  if (info.isDirectory()) return (await readdir(full)).sort().map((name) => join(full, name))
  const config = await stat(beside(full)).catch(() => null)
  return config ? [...partsOf(full), beside(full)] : partsOf(full)
}
