/** How quick a model was in each format on this machine: what `sequoia tune --format` leaves for later openings. */
import { cpus } from 'node:os'
import { keptName, keptPath, readKept } from '../common/kept-json.js'
import { packageVersion } from '../common/package-version.js'
import { writeWhole } from '../common/write-whole.js'
import { sourceStamp } from '../import/source-stamp.js'
import type { MeasuredFormats } from './format-choice.js'

/** What a measurement holds for. */
export interface MeasuredKey {
  cacheDir: string
  /** The source's file or folder. */
  source: string
  /** As the option says it. */
  draft: string
  threads: number
}

export async function readMeasured(key: MeasuredKey): Promise<MeasuredFormats | null> {
  try {
    const rates = (await readKept(await fileOf(key))) as MeasuredFormats
    return Object.values(rates).every((rate) => Number.isFinite(rate) && rate > 0) ? rates : null
  } catch {
    return null
  }
}

/** Throws where the cache folder cannot be written. */
export async function keepMeasured(key: MeasuredKey, rates: MeasuredFormats): Promise<void> {
  await writeWhole(await fileOf(key), JSON.stringify(rates))
}

async function fileOf({ cacheDir, source, draft, threads }: MeasuredKey): Promise<string> {
  const identity = [
    await sourceStamp(source, 'measured'),
    draft,
    threads,
    cpus()[0]?.model,
    cpus().length,
    packageVersion('onnxruntime-node'),
  ]
  return keptPath(cacheDir, 'formats', keptName(identity))
}
