/** How quick a model was in each format on this machine: what `sequoia tune --format` leaves for later openings. */
import { readKept } from '../common/kept-json.js'
import { writeWhole } from '../common/write-whole.js'
import type { MeasuredFormats } from './format-choice.js'
import { measuredPath, type MeasuredOn } from './measured-path.js'

/** What a measurement holds for. */
export interface MeasuredKey extends MeasuredOn {
  /** As the option says it. */
  draft: string
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

const fileOf = ({ draft, ...on }: MeasuredKey): Promise<string> => measuredPath('formats', on, [draft])
