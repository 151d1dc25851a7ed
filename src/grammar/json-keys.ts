/**
 * Keys of JSON members that a schema does not name: any but the named ones, so that no name can come twice with another
 * meaning.
 */
import { anyOf, ASCII, charClass, complement, intersection, literal } from './ebnf.js'
import { ANY_PLAIN, PLAIN } from './json-text.js'
import { refused, shown } from './schema-keywords.js'

/** Longest named key where others may come: each character of it is a rule. */
const MOST_NAME = 256

/**
 * An expression for a key, quotes included, that is none of `names`. Written without escapes, which could spell a name
 * in another way.
 */
export function otherKeys(names: readonly string[], at: string, addRule: (expression: string) => string): string {
  const long = names.find((name) => name.length > MOST_NAME)
  if (long !== undefined)
    throw refused(
      `${at}/properties`,
      `${shown(long)} is longer than ${MOST_NAME} characters; give "additionalProperties": false beside such names`,
    )
  const anything = ANY_PLAIN
  /** A rule for the rest of a key that began like some names; `left` has the rest of each of those names. */
  const rest = (left: readonly string[]): string => {
    const heads = [
      ...new Set(left.filter((name) => name !== '').map((name) => String.fromCodePoint(name.codePointAt(0)!))),
    ]
    const taken = heads.map((head) => [head.codePointAt(0)!, head.codePointAt(0)!] as const)
    // Among characters beyond ASCII a class leaves out all or none.
    const open = taken.some(([code]) => code > 0x7f) ? intersection(PLAIN, ASCII) : PLAIN
    const ways = [`${charClass(intersection(open, complement(taken)))} ${anything}*`]
    for (const head of heads)
      ways.push(
        `${literal(head)} ${rest(left.filter((name) => name.startsWith(head)).map((name) => name.slice(head.length)))}`,
      )
    if (!left.includes('')) ways.push('""')
    return addRule(anyOf(ways))
  }
  const plainNames = names.filter((name) => JSON.stringify(name) === `"${name}"`)
  return `"\\"" ${plainNames.length === 0 ? `${anything}*` : rest(plainNames)} "\\""`
}
