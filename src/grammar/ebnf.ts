/**
 * Pieces of grammar text: expressions in the EBNF that the grammar library reads, built so that no input can break out
 * of them.
 */

/** Characters as ranges of code points, ascending and apart. */
export type CharSet = readonly (readonly [first: number, last: number])[]

const LAST = 0x10ffff

/** Every Unicode scalar value: surrogates stand for nothing in UTF-8. */
export const ANY_CHAR: CharSet = [
  [0, 0xd7ff],
  [0xe000, LAST],
]

export const ASCII: CharSet = [[0, 0x7f]]
const BEYOND_ASCII: CharSet = [
  [0x80, 0xd7ff],
  [0xe000, LAST],
]
/** Most characters beyond ASCII that are written out one by one. */
const MOST_SINGLE = 256

/** Whether there is half a surrogate pair, which UTF-8 has no bytes for. */
export const hasHalfCharacter = (text: string): boolean => /\p{Surrogate}/u.test(text)

/** An expression for exactly this text. */
export function literal(text: string): string {
  return `"${Array.from(text, (character) => escape(character.codePointAt(0)!)).join('')}"`
}

/**
 * An expression for one of these characters. Null for a set that holds more than `MOST_SINGLE` characters beyond ASCII
 * but not all: the library takes ranges there apart wrongly, so such characters are written one by one.
 */
export function charClass(set: CharSet): string | null {
  // The common case: one character of plain text.
  if (set.length === 1 && set[0][0] === set[0][1] && set[0][0] <= 0x7f) return `[${escape(set[0][0])}]`
  const beyond = intersection(set, BEYOND_ASCII)
  if (sizeOf(beyond) === sizeOf(BEYOND_ASCII)) return `[^${ranges(intersection(complement(set), ASCII))}]`
  if (sizeOf(beyond) > MOST_SINGLE) return null
  const singles = beyond.flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, i) => `"${escape(first + i)}"`),
  )
  const ascii = intersection(set, ASCII)
  return anyOf(ascii.length > 0 ? [`[${ranges(ascii)}]`, ...singles] : singles)
}

const ranges = (set: CharSet): string =>
  set.map(([first, last]) => (first === last ? escape(first) : `${escape(first)}-${escape(last)}`)).join('')

const sizeOf = (set: CharSet): number => set.reduce((size, [first, last]) => size + last - first + 1, 0)

export function anyOf(expressions: readonly string[]): string {
  return expressions.length === 1 ? expressions[0] : `(${expressions.join(' | ')})`
}

/** Without `most`: any number from `least` on. */
export function repeated(expression: string, least: number, most = Infinity): string {
  if (least === 1 && most === 1) return expression
  if (most === 0) return '""'
  return `(${expression}){${least},${most === Infinity ? '' : most}}`
}

export function union(sets: readonly CharSet[]): CharSet {
  const merged: [number, number][] = []
  for (const [first, last] of sets.flat().sort((a, b) => a[0] - b[0])) {
    const before = merged[merged.length - 1]
    if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last)
    else merged.push([first, last])
  }
  return merged
}

export function intersection(a: CharSet, b: CharSet): CharSet {
  return a.flatMap(([first, last]) =>
    b.map(([from, to]) => [Math.max(first, from), Math.min(last, to)] as const).filter(([from, to]) => from <= to),
  )
}

/** All characters that are not in the set. */
export function complement(set: CharSet): CharSet {
  const rest: [number, number][] = []
  let from = 0
  for (const [first, last] of union([set])) {
    if (first > from) rest.push([from, first - 1])
    from = last + 1
  }
  if (from <= LAST) rest.push([from, LAST])
  return intersection(rest, ANY_CHAR)
}

export function contains(set: CharSet, codePoint: number): boolean {
  return set.some(([first, last]) => first <= codePoint && codePoint <= last)
}

/** Letters, digits and characters beyond ASCII stay; others, which may have a meaning in grammars, become numbers. */
function escape(codePoint: number): string {
  const character = String.fromCodePoint(codePoint)
  return codePoint > 0x7f || /[0-9A-Za-z]/.test(character) ? character : `\\U${codePoint.toString(16).padStart(8, '0')}`
}
