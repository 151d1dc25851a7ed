/** Rules of a grammar that produce no text, since every way through them leads back to themselves. */

const TOKENS = /#[^\n]*|"(?:\\.|[^"\\])*"|\[(?:\\.|[^\]\\])*\]|\{[^}]*\}|::=|[A-Za-z_][\w.-]*|[()|*?+]/gsu

/** One alternative: its parts in order, each a rule's name, a literal or the alternatives of a group. */
type Way = (string | Way[])[]

/** The first such rule; null where each produces something. Errors of syntax are left to the library. */
export function endlessRule(text: string): string | null {
  const rules = rulesOf(text.match(TOKENS)?.filter((token) => !token.startsWith('#')) ?? [])
  const fine = new Set<string>()
  const produces = (ways: Way[]): boolean =>
    ways.some((way) =>
      way.every((part) => (typeof part === 'string' ? !rules.has(part) || fine.has(part) : produces(part))),
    )
  // In reverse: most grammars write a rule after those that name it, and then one round is enough.
  const order = [...rules].reverse()
  for (let size = -1; size !== fine.size;) {
    size = fine.size
    for (const [name, ways] of order) if (!fine.has(name) && produces(ways)) fine.add(name)
  }
  return [...rules.keys()].find((name) => !fine.has(name)) ?? null
}

function rulesOf(tokens: readonly string[]): Map<string, Way[]> {
  const rules = new Map<string, Way[]>()
  let open: Way[][] = []
  tokens.forEach((token, i) => {
    const ways = open[open.length - 1]
    if (tokens[i + 1] === '::=') {
      open = [[[]]]
      rules.set(token, open[0])
    } else if (!ways || token === '::=') return
    else if (token === '|') ways.push([])
    else if (token === '(') {
      const inner: Way[] = [[]]
      ways[ways.length - 1].push(inner)
      open.push(inner)
    } else if (token === ')') {
      if (open.length > 1) open.pop()
    } else if (token === '*' || token === '?' || (token.startsWith('{') && Number.parseInt(token.slice(1)) === 0))
      // May be left out.
      ways[ways.length - 1].pop()
    else if (/^[\w"[]/.test(token)) ways[ways.length - 1].push(token)
  })
  return rules
}
