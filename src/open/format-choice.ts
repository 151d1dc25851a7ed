/** `format: 'auto'`: which weight format a model is opened in where nobody says, and why. */
import { formats, usualFormat, type FormatName } from '../formats/index.js'
import type { MachineFacts, SourceFacts } from '../formats/weight-format.js'
import type { DeviceName } from '../runtime/binding/device.js'
import type { DraftChoice } from './draft-choice.js'

export interface FormatFacts {
  device: DeviceName
  /** Whether weights have to keep to a budget of memory. */
  hasBudget: boolean
  draft: DraftChoice['kind']
  /** What `sequoia tune` measured of this model here; null where it did not. */
  measured: MeasuredFormats | null
  /** Null for a model so small that it was not looked at. */
  source: SourceFacts | null
  machine: MachineFacts
}

/** Tokens a second by a format's name, plain or with trees, whichever was quicker. */
export type MeasuredFormats = Readonly<Record<string, number>>

export interface FormatChoice {
  format: FormatName
  /** One sentence. */
  why: string
}

/** How much quicker another format must have been than the usual one. */
const LEAST_GAIN = 1.05

/** The first that speaks: device, memory, measurements, the draft, source and machine. */
export function chooseFormat({ device, hasBudget, draft, measured, source, machine }: FormatFacts): FormatChoice {
  const usual = usualFormat(device).name
  const take = (why: string, format: FormatName = usual): FormatChoice => ({ format, why: `${format}: ${why}` })
  // A format that may give other texts with trees than without is never chosen; on a GPU none promises the same.
  const others = [...formats.values()].filter(
    ({ name, devices, exact }) => name !== usual && exact && device === 'cpu' && devices.includes(device),
  )
  if (others.length === 0) return take(`it is what device "${device}" computes in`)
  if (hasBudget) return take('weights beyond the budget of memory are read from disk, and it can be streamed')
  const best = measured && quickest(measured, usual, new Set(others.map(({ name }) => name)))
  if (best) return take(`"sequoia tune" measured ${ratesText(best.rates)} on this machine`, best.format)
  let against = 'a small model gains nothing by fewer bits'
  for (const { name, suits } of source === null ? [] : others) {
    const verdict = suits?.(source!, machine)
    if (verdict?.fits && (verdict.isNeeded || draft !== 'model')) return take(verdict.why, name)
    against = verdict ? `not ${name}, for ${verdict.why}` : 'no other is known to be better'
  }
  return take(draft === 'model' ? 'trees of a draft model have many rows, which cost least in it' : against)
}

interface Best {
  format: FormatName
  rates: MeasuredFormats
}

/** The usual format unless one of the `others` was quicker by more than noise; null where it was not measured. */
function quickest(measured: MeasuredFormats, usual: FormatName, others: ReadonlySet<FormatName>): Best | null {
  if (!(measured[usual] > 0)) return null
  const known = Object.entries(measured).filter(([name]) => name === usual || others.has(name))
  const [format, rate] = known.reduce((best, one) => (one[1] > best[1] ? one : best))
  const rates = Object.fromEntries(known)
  return rate >= LEAST_GAIN * measured[usual] ? { format, rates } : { format: usual, rates }
}

function ratesText(rates: MeasuredFormats): string {
  return Object.entries(rates)
    .map(([name, rate]) => `${rate.toFixed(1)} tokens/s in ${name}`)
    .join(' and ')
}
