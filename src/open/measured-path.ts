/** Where it is kept what `sequoia tune` measured of a model on this machine. */
import { cpus } from 'node:os'
import { keptName, keptPath, type KeptFolder } from '../common/kept-json.js'
import { packageVersion } from '../common/package-version.js'
import { sourceStamp } from '../import/source-stamp.js'

/** What every measurement holds for. */
export interface MeasuredOn {
  cacheDir: string
  /** The source's file or folder. */
  source: string
  threads: number
}

/** `dependsOn`: what this measurement holds for besides. Throws `ModelError` where the source is not there. */
export async function measuredPath(
  folder: KeptFolder,
  { cacheDir, source, threads }: MeasuredOn,
  dependsOn: readonly string[],
): Promise<string> {
  const identity = [
    await sourceStamp(source, 'measured'),
    ...dependsOn,
    threads,
    cpus()[0]?.model,
    cpus().length,
    packageVersion('onnxruntime-node'),
  ]
  return keptPath(cacheDir, folder, keptName(identity))
}
