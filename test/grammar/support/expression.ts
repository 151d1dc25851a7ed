/**
 * Grammar expressions without recursion as JavaScript's regular expressions: what one takes is found out in
 * microseconds, where a compiled grammar needs a wasm instance.
 */

const TOKEN = /"(?:\\.|[^"\\])*"|\[(?:\\.|[^\]\\])*\]|\{[^}]*\}|[A-Za-z_]\w*|[()|?*+]/gu
const CHARACTER = /\\U([0-9a-f]{8})|\\(.)|(.)/gsu
const CONTROLS: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' }

/** Tells whether the expression takes a whole text; `rules` has the expression of each rule that it names. */
export function matcher(expression: string, rules: Readonly<Record<string, string>> = {}): (text: string) => boolean {
  const pattern = new RegExp(`^${translated(expression, rules)}$`, 'u')
  return (text) => pattern.test(text)
}

function translated(expression: string, rules: Readonly<Record<string, string>>): string {
  const parts = (expression.match(TOKEN) ?? []).map((token) => {
    if (token.startsWith('"')) return `(?:${characters(token.slice(1, -1), numbered)})`
    if (token.startsWith('[')) return characters(token, (character) => character)
    if (token === '(') return '(?:'
    if (!/^[A-Za-z_]/.test(token)) return token
    if (rules[token] === undefined) throw new Error(`the rule ${token} is not given`)
    return translated(rules[token], rules)
  })
  return `(?:${parts.join('')})`
}

/** `plain`: how a character that is not escaped is written. */
function characters(text: string, plain: (character: string) => string): string {
  return text.replace(CHARACTER, (_, code?: string, escaped?: string, character?: string) => {
    if (code !== undefined) return `\\u{${code}}`
    return escaped === undefined ? plain(character!) : numbered(CONTROLS[escaped] ?? escaped)
  })
}

const numbered = (character: string): string => `\\u{${character.codePointAt(0)!.toString(16)}}`
