/**
 * What the grammar library would get wrong or never finish, found in a grammar's text before the library sees it:
 * - texts that are too long;
 * - repetitions inside repetitions: its time grows with the product of their counts;
 * - character classes beyond ASCII, which it takes apart wrongly;
 * - rules that produce nothing.
 */
import { endlessRule } from './endless-rules.js'

/** Longest grammar text: schemas and grammars come from strangers. */
const MOST_CHARACTERS = 200_000

/** Largest product of nested counts: 100 times 100. */
const MOST_REPEATS = 10_000

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
  const classes = new Set(tokens.filter((token) => token.startsWith('[')))
  const foreign = [...classes].find((token) => /[^\0-\x7f]/.test(token) || escapesBeyondAscii(token))
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

function escapesBeyondAscii(token: string): boolean {
  return [...token.matchAll(/\\(?:U([0-9A-Fa-f]{8})|u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]+))/g)].some(
    ([, ...digits]) => Number.parseInt(digits.join(''), 16) > 0x7f,
  )
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
