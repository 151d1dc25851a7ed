/** Sizes of memory as people write them. */
import { InvalidArgumentError } from '../../spec/errors.js'
import { show } from '../../spec/check-values.js'

/** Decimal as disks and clouds count (1 MB = 1,000,000 bytes), binary with an i. */
const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
  TIB: 2 ** 40,
}

/** What a size must be, for messages. */
export const SIZE_WORDS = 'must be a number of bytes or a size such as "120MB", "2GB" or "1.5GiB"'

/** Bytes of `120MB`, `1.5GiB` or a number of bytes. Throws `InvalidArgumentError` naming `param`. */
export function memorySize(param: string, value: unknown): number {
  const bytes = bytesOf(value)
  if (bytes !== null) return bytes
  throw new InvalidArgumentError(param, `${param} ${SIZE_WORDS}; got ${show(value)}`)
}

/** The same, or null for what is no size. */
export function bytesOf(value: unknown): number | null {
  const [, number, unit = 'B'] =
    (typeof value === 'string' && /^(\d+(?:\.\d+)?)\s*([a-z]+)?$/i.exec(value.trim())) || []
  const bytes =
    typeof value === 'number' ? value : Math.floor(Number(number) * (UNITS[unit.toUpperCase()] ?? Number.NaN))
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : null
}

/** Bytes for people: `123.4 MB`. */
export function sizeText(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e9 ? 1 : 0)} MB`
}
