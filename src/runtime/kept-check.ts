/** What a check of this machine's kernels found, kept in the cache folder: the next process need not run it again. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { packageVersion } from '../common/package-version.js'
import { writeWhole } from '../common/write-whole.js'
import { instructionSet } from './instruction-set.js'

/**
 * What `check` finds, or found on this processor with this version of ONNX Runtime. `asked`: all that the check is made
 * of (name, shapes, threads), as JSON has it. `isResult`: whether what was read is one. Without a folder, or where it
 * cannot be written, the check runs each time.
 */
export async function keptCheck<T>(
  cacheDir: string | undefined,
  asked: unknown,
  isResult: (read: unknown) => read is T,
  check: () => Promise<T>,
): Promise<T> {
  if (cacheDir === undefined) return check()
  const machine = [
    process.platform,
    process.arch,
    cpus()[0]?.model,
    instructionSet(),
    packageVersion('onnxruntime-node'),
  ]
  const name = createHash('sha256')
    .update(JSON.stringify([asked, machine]))
    .digest('hex')
    .slice(0, 24)
  const file = join(cacheDir, 'checks', `${name}.json`)
  const read = parsed(await readFile(file, 'utf8').catch(() => ''))
  if (isResult(read)) return read
  const found = await check()
  await writeWhole(file, JSON.stringify(found)).catch(() => undefined)
  return found
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
