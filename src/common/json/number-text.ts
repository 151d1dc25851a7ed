/** A number of a JSON text whose digits no double holds: 3791411052119578828, 1e400. */
export class NumberText {
  constructor(readonly text: string) {}

  /** The nearest double. */
  valueOf(): number {
    return Number(this.text)
  }

  toString(): string {
    return this.text
  }

  /** For `JSON.stringify`, which cannot write these digits on every release of Node; `writeJson` does. */
  toJSON(): number {
    return Number(this.text)
  }
}

/** A number as JSON spells it: a plain one where that is the same number, and safe if it is whole. */
export function readNumber(text: string): number | NumberText {
  const value = Number(text)
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) return new NumberText(text)
  return Number.isFinite(value) && digits(text) === digits(String(value)) ? value : new NumberText(text)
}

/** Sign, digits without zeros at either end, and the exponent of the first: equal for equal numbers. */
function digits(text: string): string {
  const [, sign, whole, fraction = '', power = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? []
  if (whole === undefined) return text
  const all = whole + fraction
  const first = all.search(/[1-9]/)
  if (first < 0) return '0'
  return `${sign}${all.slice(first).replace(/0+$/, '')}e${whole.length - first + Number(power)}`
}
