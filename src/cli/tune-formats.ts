/** `sequoia tune --format`: one format or several, whose rates are kept so that `auto` takes the quickest. */
import { formats, formatsThat, type FormatName } from '../formats/index.js'
import { resolveSource } from '../import/resolve-source.js'
import { chooseFormat, type FormatChoice } from '../open/format-choice.js'
import { machineFacts } from '../open/chosen-format.js'
import { keepMeasured } from '../open/measured-formats.js'
import { AUTO, checkOptions } from '../open/check-options.js'
import { InvalidArgumentError } from '../spec/errors.js'
import { DEFAULT_MODEL } from './engine-flags.js'
import type { Flag } from './flags.js'

const ALL = 'all'

/** Formats that `auto` may come to on a CPU: those that promise the same text with trees as without. */
const choosable = (): string[] => formatsThat(({ exact, devices }) => exact && devices.includes('cpu'))

export const formatsFlag: Flag<readonly FormatName[]> = {
  takes: `${AUTO}|${[...formats.keys()].join('|')}|${ALL}|A,B`,
  help:
    `format of the passes, or several to compare (${ALL}: ${choosable().join(', ')}); ` +
    `${AUTO} then takes the quickest`,
  read(given, name) {
    if (given === ALL) return choosable()
    const names = given.split(',')
    const [wrong] = names.filter((one, i) => !(one === AUTO || formats.has(one)) || names.indexOf(one) < i)
    if (wrong === undefined && (names.length === 1 || !names.includes(AUTO))) return names
    throw new InvalidArgumentError(
      name,
      `${name} must be ${AUTO}, ${ALL}, or names of ${[...formats.keys()].join(', ')} with commas between, ` +
        `each once; got ${JSON.stringify(given)}`,
    )
  },
}

/** What the measurements were made with. */
interface Measured {
  model?: string
  draft?: string
  threads?: number
}

/** Keeps the mean rate of each format for this model, draft and number of threads; says what `auto` now comes to. */
export async function keepRates(
  { model = DEFAULT_MODEL, ...given }: Measured,
  all: readonly { format: string; tokensPerSecond: number }[],
  own: { cacheDir?: string } = {},
): Promise<FormatChoice & { tokensPerSecond: Record<string, number> }> {
  const { draft, threads, cacheDir, ...options } = checkOptions({
    target: model,
    draft: given.draft,
    threads: given.threads,
    ...own,
  })
  const rates: Record<string, number> = {}
  for (const name of new Set(all.map(({ format }) => format))) {
    const own = all.filter(({ format }) => format === name)
    rates[name] = own.reduce((sum, { tokensPerSecond }) => sum + tokensPerSecond, 0) / own.length
  }
  const source = await resolveSource(model, { ...options, cacheDir })
  await keepMeasured({ cacheDir, source, draft, threads }, rates)
  const facts = { device: 'cpu', hasBudget: false, draft: 'none', source: null, machine: machineFacts() } as const
  return { ...chooseFormat({ ...facts, measured: rates }), tokensPerSecond: rates }
}
