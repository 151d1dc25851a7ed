/**
 * What the grammar library would get wrong or never finish, found in a grammar's text before the library sees it:
 * - texts that are too long;
 * - repetitions inside repetitions: its time grows with the product of their counts;
 * - groups that lie in each other, which it reads by recursion;
 * - character classes beyond ASCII, which it takes apart wrongly;
 * - escapes that are no character's number, of which it makes bytes that no text has;
 * - rules that produce nothing.
 */
import { endlessRule } from './endless-rules.js'

/** Longest grammar text: schemas and grammars come from strangers. */
const MOST_CHARACTERS = 200_000

/** Largest product of nested counts: 100 times 100. */
const MOST_REPEATS = 10_000

/** Groups inside each other: as in a pattern. */
const MOST_DEPTH = 100

const TOKENS = /#[^\n]*|"(?:\\.|[^"\\])*"|\[(?:\\.|[^\]\\])*\]|\{[^}]*\}|::=|[A-Za-z_][\w.-]*|[()]/gsu

/** Products of nested counts in an expression: the greatest, and the greatest around each rule that it names. */
interface Repeats {
  own: number
  rules: Map<string, number>
}

/** Null for a text that is fine; else what is wrong with it. Errors of syntax are left to the library. */
export function faultOf(text: string): string | null {
  if (text.length > MOST_CHARACTERS)
    return `the grammar is too large: ${text.length} characters, at most ${MOST_CHARACTERS}; ask for a simpler form`
  const tokens = text.match(TOKENS) ?? []
  if (depthOf(tokens) > MOST_DEPTH)
    return `more than ${MOST_DEPTH} of its groups lie in each other; give the inner ones rules of their own`
  const spelled = [...new Set(tokens)].filter((token) => /^["[]/.test(token))
  const broken = spelled.find((token) => numbersIn(token).some((code) => !isCharacter(code)))
  if (broken)
    return (
      `${broken.slice(0, 60)} has a number in it that is no character's, or half of one (a surrogate); ` +
      'write the character itself, or \\U and its eight digits'
    )
  const isForeign = (token: string): boolean => /[^\0-\x7f]/.test(token) || numbersIn(token).some((code) => code > 0x7f)
  const foreign = spelled.find((token) => token.startsWith('[') && isForeign(token))
  if (foreign)
    return (
      `the class ${foreign.slice(0, 60)} has characters beyond ASCII, for which classes do not work; ` +
      'write them as texts ("é" | "è"), or take all of them by [^...]'
    )
  if (greatest(repeatsOf(tokens)) > MOST_REPEATS)
    return (
      `its repetitions lie in each other and multiply to more than ${MOST_REPEATS}; ` +
      'use smaller counts, or "*" and "+"'
    )
  const endless = endlessRule(text)
  return endless === null
    ? null
    : `the rule "${endless.slice(0, 60)}" produces nothing: all its ways lead back to it; give it one that ends`
}

const ESCAPE = /\\(?:U([0-9A-Fa-f]{8})|u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]+)|.)/gsu

/** The numbers by which a text or a class spells characters. */
function numbersIn(token: string): number[] {
  return [...token.matchAll(ESCAPE)]
    .map(([, ...digits]) => Number.parseInt(digits.join(''), 16))
    .filter(Number.isFinite)
}

const isCharacter = (code: number): boolean => code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)

/** How many groups lie in each other at most. */
function depthOf(tokens: readonly string[]): number {
  let [depth, most] = [0, 0]
  for (const token of tokens) {
    if (token === '::=') depth = 0
    else if (token === '(') most = Math.max(most, ++depth)
    else if (token === ')') depth = Math.max(0, depth - 1)
  }
  return most
}

/** By rule, the repetitions of its expression. */
function repeatsOf(tokens: readonly string[]): Map<string, Repeats> {
  const rules = new Map<string, Repeats>()
  let open: Repeats[] = [none()]
  /** The last expression, which a count after it repeats. */
  let last = none()
  tokens.forEach((token, i) => {
    const inside = open[open.length - 1]
    if (token === '::=' || token.startsWith('#')) return
    if (tokens[i + 1] === '::=') {
      open = [none()]
      rules.set(token, open[0])
      last = none()
    } else if (token === '(') open.push(none())
    else if (token === ')') {
      last = open.length > 1 ? open.pop()! : none()
      take(open[open.length - 1], last)
    } else if (token.startsWith('{')) {
      last = times(last, Math.max(1, ...(token.match(/\d+/g) ?? []).map(Number)))
      take(inside, last)
    } else {
      last = none()
      if (/^[A-Za-z_]/.test(token)) last.rules.set(token, 1)
      take(inside, last)
    }
  })
  return rules
}

const none = (): Repeats => ({ own: 1, rules: new Map() })

function times({ own, rules }: Repeats, count: number): Repeats {
  return { own: own * count, rules: new Map([...rules].map(([name, product]) => [name, product * count])) }
}

function take(into: Repeats, more: Repeats): void {
  into.own = Math.max(into.own, more.own)
  for (const [name, product] of more.rules) into.rules.set(name, Math.max(into.rules.get(name) ?? 1, product))
}

/**
 * The greatest product on any way from rule to rule; a way that comes back to a rule ends there. Without recursion:
 * strangers write rules that lead to each other by the thousand.
 */
function greatest(rules: ReadonlyMap<string, Repeats>): number {
  const found = new Map<string, number>()
  for (const first of rules.keys()) {
    const way = [first]
    while (way.length > 0) {
      const name = way[way.length - 1]
      const rule = rules.get(name) ?? none()
      if (found.has(name)) {
        way.pop()
        const products = Array.from(rule.rules, ([next, product]) => product * found.get(next)!)
        found.set(name, Math.max(rule.own, ...products))
        continue
      }
      found.set(name, 1)
      for (const next of rule.rules.keys()) if (!found.has(next)) way.push(next)
    }
  }
  return [...found.values()].reduce((most, product) => Math.max(most, product), 1)
}
