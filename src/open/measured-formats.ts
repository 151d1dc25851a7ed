/** How quick a model was in each format on this machine: what `sequoia tune --format` leaves for later openings. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
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
    const rates = JSON.parse(await readFile(await fileOf(key), 'utf8')) as MeasuredFormats
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
  const name = createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 24)
  return join(cacheDir, 'formats', `${name}.json`)
}
