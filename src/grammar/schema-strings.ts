/** The keywords of strings as one expression, quotes included. */
import { hasHalfCharacter, repeated } from './ebnf.js'
import { ANY_PLAIN, jsonChar } from './json-text.js'
import { regexExpression } from './regex.js'
import { FORMATS, variantMatching } from './schema-formats.js'
import { countOf, refused, shown, type Schema } from './schema-keywords.js'

/** Longest string whose length can be asked for: as llama.cpp has it. */
export const MOST_LENGTH = 8192

/** Longest string whose length the grammar itself counts. */
export const MOST_COUNTED = 128

export interface LengthRange {
  least: number
  most: number
}

/** Null where no length is asked for. */
export function lengthOf(schema: Schema, at: string): LengthRange | null {
  if (schema.minLength === undefined && schema.maxLength === undefined) return null
  const least = countOf(schema, 'minLength', at, 0, MOST_LENGTH)
  const most = countOf(schema, 'maxLength', at, Infinity, MOST_LENGTH)
  if (least > most) throw refused(at, '"minLength" is greater than "maxLength"')
  return { least, most }
}

/** `counts`: whether the grammar has to count a length by itself. */
export function stringExpression(schema: Schema, at: string, counts: boolean): string {
  const { format } = schema
  const length = lengthOf(schema, at)
  const regex = regexOf(schema, at)
  if (length && regex !== null)
    throw refused(
      at,
      `lengths beside "${schema.pattern === undefined ? 'format' : 'pattern'}" are not supported; ` +
        'say them in "pattern", or leave them out',
    )
  if (regex !== null) {
    const search = format === undefined || !Object.hasOwn(FORMATS, String(format))
    const fail = (why: string): Error => refused(`${at}/pattern`, `the pattern ${shown(regex)} ${why}`)
    return `"\\"" ${regexExpression(regex, { fail, char: jsonChar, search })} "\\""`
  }
  if (!length || !counts) return 'string'
  const { least, most } = length
  for (const [keyword, value] of [['minLength', least] as const, ['maxLength', most] as const]) {
    if (value > MOST_COUNTED && value !== Infinity)
      throw refused(
        `${at}/${keyword}`,
        `"${keyword}" above ${MOST_COUNTED} is not supported where another alternative asks for other lengths ` +
          'in the same place; give both the same',
      )
  }
  return `"\\"" ${repeated(ANY_PLAIN, least, most)} "\\""`
}

/** The expression that "format", "pattern" or both ask for; null where there is none. */
function regexOf({ pattern, format }: Schema, at: string): string | null {
  if (pattern !== undefined && typeof pattern !== 'string')
    throw refused(`${at}/pattern`, `"pattern" must be a string; got ${shown(pattern)}`)
  if (pattern !== undefined && hasHalfCharacter(pattern))
    throw refused(`${at}/pattern`, `the pattern ${shown(pattern)} has half a character`)
  if (format === undefined) return pattern ?? null
  if (!Object.hasOwn(FORMATS, String(format))) {
    // An unknown format says no more than the pattern beside it.
    if (pattern !== undefined) return pattern
    throw refused(
      `${at}/format`,
      `the format ${shown(format)} is not supported; supported are ${Object.keys(FORMATS).join(', ')}`,
    )
  }
  const variant = pattern === undefined ? FORMATS[String(format)][0] : variantMatching(String(format), pattern)
  if (!variant)
    throw refused(
      at,
      `the pattern ${shown(pattern)} says something else than the format ${shown(format)}; leave one of the two out`,
    )
  return variant.pattern
}
