/** What a check of this machine's kernels found, kept in the cache folder: the next process need not run it again. */
import { cpus } from 'node:os'
import { keptName, keptPath, readKept, writeKept } from '../common/kept-json.js'
import { packageVersion } from '../common/package-version.js'
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
  const file = keptPath(cacheDir, 'checks', keptName([asked, machine]))
  const read = await readKept(file)
  if (isResult(read)) return read
  const found = await check()
  await writeKept(file, found)
  return found
}
