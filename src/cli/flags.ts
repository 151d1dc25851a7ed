/** Command-line flags as data: what each takes and accepts; parsing and the help text both come from the same table. */
import { parseArgs } from 'node:util'
import { isStoreAddress } from '../scale/queue/store-address.js'
import { asRecord } from '../common/record.js'
import { InvalidArgumentError } from '../spec/errors.js'
import { didYouMean } from '../common/nearest.js'
import { wrapped } from './wrapped.js'

export interface Flag<T> {
  /** Stands for the value in the help text (`N`, `FILE`); null for a flag that is only there or not. */
  readonly takes: string | null
  readonly help: string
  /** Throws `InvalidArgumentError` naming flag, value and expectation. */
  read(text: string, name: string): T
}

export type Flags = Readonly<Record<string, Flag<unknown>>>
export type Values<F extends Flags> = { [K in keyof F]?: F[K] extends Flag<infer T> ? T : never }

export function toggle(help: string): Flag<boolean> {
  return { takes: null, help, read: () => true }
}

export function yesNo(help: string): Flag<boolean> {
  const values: Readonly<Record<string, boolean>> = { true: true, false: false }
  return {
    takes: 'true|false',
    help,
    read: (value, name) => (Object.hasOwn(values, value) ? values[value] : fault(name, value, 'true or false')),
  }
}

export function text(takes: string, help: string): Flag<string> {
  return {
    takes,
    help,
    read: (value, name) => {
      if (value === '') throw new InvalidArgumentError(name, `${name} must not be empty`)
      return value
    },
  }
}

export function oneOf<T extends string>(choices: readonly T[], help: string): Flag<T> {
  return {
    takes: choices.join('|'),
    help,
    read: (value, name) =>
      choices.find((choice) => choice === value) ?? fault(name, value, `one of ${choices.join(', ')}`),
  }
}

export function integer(takes: string, help: string, least: number, most = Number.MAX_SAFE_INTEGER): Flag<number> {
  const expected =
    most === Number.MAX_SAFE_INTEGER ? `a whole number of at least ${least}` : `a whole number from ${least} to ${most}`
  return {
    takes,
    help,
    read: (value, name) => {
      const number = /^-?\d+$/.test(value) ? Number(value) : Number.NaN
      return number >= least && number <= most ? number : fault(name, value, expected)
    },
  }
}

/** From `least` (left out itself if `above`) to `most`. */
export function real(takes: string, help: string, least: number, most: number, { above = false } = {}): Flag<number> {
  return {
    takes,
    help,
    read: (value, name) => {
      const number = value.trim() === '' ? Number.NaN : Number(value)
      const fits = (above ? number > least : number >= least) && number <= most
      return fits
        ? number
        : fault(
            name,
            value,
            above ? `a number above ${least} and at most ${most}` : `a number from ${least} to ${most}`,
          )
    },
  }
}

/** An object as JSON. */
export function jsonObject(help: string): Flag<Record<string, unknown>> {
  return {
    takes: 'JSON',
    help,
    read: (value, name) => {
      const found = asRecord(parsed(value))
      return found ?? fault(name, value, 'a JSON object')
    },
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A seed: any whole number below 2^64. */
export function seed(help: string): Flag<bigint> {
  return {
    takes: 'S',
    help,
    read: (value, name) =>
      /^\d{1,20}$/.test(value) && BigInt(value) < 1n << 64n
        ? BigInt(value)
        : fault(name, value, 'a whole number from 0 to 2^64 - 1'),
  }
}

/** The address of a Redis store. */
export function redisUrl(help: string): Flag<string> {
  return {
    takes: 'URL',
    help,
    read: (value, name) => (isStoreAddress(value) ? value : fault(name, value, 'a redis:// or rediss:// address')),
  }
}

/**
 * Reads `argv` by the table; the last of a repeated flag counts. `operand` names the one positional argument, if the
 * command takes one; `optional`: it may be left out, and is empty then. Throws `InvalidArgumentError` for whatever is
 * not in the table.
 */
export function parse<F extends Flags>(
  flags: F,
  argv: readonly string[],
  operand: string | null,
  { optional = false } = {},
): { values: Values<F>; operand: string } {
  const { values, operands } = parseOperands(flags, argv)
  if (operand === null && operands.length > 0)
    throw new InvalidArgumentError(
      operands[0],
      `unexpected argument ${JSON.stringify(operands[0])}; this command takes flags only`,
    )
  if (operand !== null && operands.length !== 1 && !(optional && operands.length === 0)) {
    throw new InvalidArgumentError(
      operand,
      operands.length === 0
        ? `${operand} is missing`
        : `${operand} must be one argument; got ${operands.length} (put it in quotes)`,
    )
  }
  return { values, operand: operands[0] ?? '' }
}

/** The same with any number of positional arguments. */
export function parseOperands<F extends Flags>(
  flags: F,
  argv: readonly string[],
): { values: Values<F>; operands: string[] } {
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, { takes }]) => [
      name,
      { type: takes === null ? ('boolean' as const) : ('string' as const) },
    ]),
  )
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true })
  const values: Record<string, unknown> = {}
  const operands: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') operands.push(token.value)
    if (token.kind !== 'option') continue
    const { rawName, name, value, inlineValue } = token
    if (!Object.hasOwn(flags, name) || !rawName.startsWith('--')) {
      throw new InvalidArgumentError(
        rawName,
        `unknown flag ${rawName}${didYouMean(
          rawName,
          Object.keys(flags).map((known) => `--${known}`),
        )}; known are ${Object.keys(flags)
          .map((known) => `--${known}`)
          .join(', ')}`,
      )
    }
    const { takes, read } = flags[name]
    if (takes === null && value !== undefined)
      throw new InvalidArgumentError(rawName, `${rawName} takes no value; got ${JSON.stringify(value)}`)
    if (takes !== null && (value === undefined || (!inlineValue && value.startsWith('--')))) {
      throw new InvalidArgumentError(rawName, `${rawName} needs a value: ${rawName} ${takes}`)
    }
    values[name] = read(value ?? '', rawName)
  }
  return { values: values as Values<F>, operands }
}

/** A line a flag, or several on a terminal of so many columns. */
export function helpOf(flags: Flags, columns?: number): string {
  const heads = Object.entries(flags).map(([name, { takes }]) => `  --${name}${takes === null ? '' : ` ${takes}`}`)
  const longest = Math.max(...heads.map((head) => head.length)) + 2
  const width = columns === undefined ? longest : Math.min(longest, Math.floor(columns / 3))
  return Object.values(flags)
    .map(({ help }, i) => {
      // A head that is wider than its column has a line of its own.
      const head = heads[i].length < width - 1 ? heads[i].padEnd(width) : `${heads[i]}\n${' '.repeat(width)}`
      return wrapped(`${head}${help}`, columns, width)
    })
    .join('\n')
}

function fault(name: string, value: string, expected: string): never {
  throw new InvalidArgumentError(name, `${name} must be ${expected}; got ${JSON.stringify(value)}`)
}
