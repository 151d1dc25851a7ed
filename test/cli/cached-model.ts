/** A cache folder with one small import in it, where the commands of this process look for theirs. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../../src/cli/dispatch.js'
import { ensureImported } from '../../src/import/index.js'
import { printed, type Printed } from '../support/console.js'
import { buildGguf } from '../support/gguf-file.js'
import { tempFolder } from '../support/temp-folder.js'
import { tinyLlama } from '../support/tiny-llama.js'

export interface CachedModel {
  cacheDir: string
  /** The folder of the import. */
  dir: string
  /** The file that it was imported from. */
  path: string
}

/** Sets `XDG_CACHE_HOME` to a new folder, for the rest of this process. */
export async function cachedModel(): Promise<CachedModel> {
  process.env.XDG_CACHE_HOME = tempFolder()
  const cacheDir = join(process.env.XDG_CACHE_HOME, 'sequoia-onnx')
  const path = join(tempFolder(), 'tiny.gguf')
  writeFileSync(path, buildGguf(tinyLlama()))
  const { dir } = await ensureImported(path, { cacheDir, format: 'fp32' })
  return { cacheDir, dir, path }
}

export const cli = (...args: string[]): Promise<Printed> => printed(() => run(args))
