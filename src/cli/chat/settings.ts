/** What `/set` changes: how the next answers are decoded. Names and values are those of the command's flags. */
import type { GenerateRequest } from '../../api/types.js'
import { InvalidArgumentError } from '../../spec/errors.js'
import { integer, text, type Values } from '../flags.js'
import { didYouMean } from '../../common/nearest.js'
import { samplingFields, samplingFlags } from '../sampling-flags.js'

/** As flags of the command; `draft` is one of those that open the engine there. */
export const chatSamplingFlags = {
  ...samplingFlags,
  'max-tokens': integer('N', 'most tokens of an answer (default: what the context holds)', 1),
}
const known = { ...chatSamplingFlags, draft: text('D', 'draft of the next answers; none is plain decoding') }
type Name = keyof typeof known

const UNSET = 'default'
/** Columns at which the value of a setting is told, and what it means. */
const VALUE_AT = 14
export const MEANING_AT = 23

export class Settings {
  private values: Values<typeof known>

  constructor(values: Values<typeof chatSamplingFlags> = {}) {
    // Only what can be set here: a command has other flags beside these.
    this.values = Object.fromEntries(Object.entries(values).filter(([name]) => Object.hasOwn(chatSamplingFlags, name)))
  }

  /** Fields of the next request. */
  get fields(): Partial<GenerateRequest> {
    return { ...samplingFields(this.values), draft: this.values.draft }
  }

  /**
   * Takes `temperature 0.8`, or `temperature default`, and returns the name. Throws `InvalidArgumentError` that says
   * what would do.
   */
  set(given: string): Name {
    const [name = '', value = '', ...more] = given.split(/\s+/)
    if (!isKnown(name)) {
      const names = Object.keys(known)
      throw new InvalidArgumentError(
        name,
        `unknown setting ${JSON.stringify(name)}${didYouMean(name, names)}; known are ${names.join(', ')}`,
      )
    }
    if (value === '' || more.length > 0)
      throw new InvalidArgumentError(name, `${name} takes one value: /set ${name} ${known[name].takes}`)
    const { [name]: _, ...others } = this.values
    this.values = value === UNSET ? others : { ...others, [name]: known[name].read(value, name) }
    return name
  }

  /** One line a setting, or that of one: its value, and what it means. */
  told(only?: Name): string {
    const entries = Object.entries(known).filter(([name]) => only === undefined || name === only)
    const rows = entries.map(([name, { help }]) => {
      const value = isKnown(name) ? this.values[name] : undefined
      const shown = String(value ?? UNSET)
      return `  ${name.padEnd(VALUE_AT - 2)}${shown.padEnd(MEANING_AT - VALUE_AT)}${help}`
    })
    return rows.join('\n')
  }
}

function isKnown(name: string): name is Name {
  return Object.hasOwn(known, name)
}
