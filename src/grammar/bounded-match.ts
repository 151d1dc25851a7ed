/**
 * Regular expressions of strangers, matched against short texts of ours in bounded work. Each part of the expression is
 * tried once at each place and gives the set of places where it may end, where a backtracking matcher would try it
 * again and again. A count of steps bounds the rest; it depends on no clock.
 */
import { RegExpParser, type AST } from '@eslint-community/regexpp'

/** Longest expression that is looked at, and how deep its groups may lie in each other. */
const MOST_CHARACTERS = 2000
const MOST_DEPTH = 60
/** Places that may be looked at for one expression: some milliseconds. */
const MOST_STEPS = 200_000

type Part = AST.Element | AST.Pattern | AST.CapturingGroup
/** Ends of a part's matches by where they begin: indices of characters. */
type Ends = readonly number[]

class TooMuch extends Error {}

/**
 * Tells of texts whether the expression (ECMAScript's, with Unicode) matches a part of them. Null for an expression
 * that cannot be read, is too large, or has back-references or modifiers. What takes too much work matches nothing.
 */
export function boundedMatcher(source: string): ((text: string) => boolean) | null {
  if (source.length > MOST_CHARACTERS || depthOf(source) > MOST_DEPTH) return null
  let pattern: AST.Pattern
  try {
    pattern = new RegExpParser().parsePattern(source, 0, source.length, { unicode: true, unicodeSets: false })
  } catch {
    return null
  }
  const work = { steps: MOST_STEPS }
  return (text) => {
    try {
      const characters = Array.from(text)
      const matching = new Matching(characters, work)
      return characters.concat('').some((_, from) => matching.ends(pattern, from).length > 0)
    } catch (error) {
      if (error instanceof TooMuch) return false
      throw error
    }
  }
}

/** At least the depth of groups: classes and escapes may count as well. */
function depthOf(source: string): number {
  let [depth, most] = [0, 0]
  for (const character of source) {
    if (character === '(') most = Math.max(most, ++depth)
    else if (character === ')') depth -= 1
  }
  return most
}

class Matching {
  private readonly known = new Map<Part, Map<number, Ends>>()

  constructor(
    private readonly text: readonly string[],
    private readonly work: { steps: number },
  ) {}

  ends(part: Part, from: number): Ends {
    const places = this.known.get(part) ?? new Map<number, Ends>()
    this.known.set(part, places)
    let found = places.get(from)
    if (!found) {
      found = this.find(part, from)
      places.set(from, found)
    }
    this.work.steps -= 1 + found.length
    if (this.work.steps <= 0) throw new TooMuch()
    return found
  }

  private find(part: Part, from: number): Ends {
    switch (part.type) {
      case 'Pattern':
      case 'CapturingGroup':
        return this.alternatives(part, from)
      case 'Group':
        if (part.modifiers) throw new TooMuch()
        return this.alternatives(part, from)
      case 'Quantifier':
        return this.repeated(part, from)
      case 'Assertion':
        return this.holds(part, from) ? [from] : []
      case 'Character':
      case 'CharacterSet':
      case 'CharacterClass':
        return from < this.text.length && single(part).test(this.text[from]) ? [from + 1] : []
      default:
        // Back-references, and what only the flag v knows.
        throw new TooMuch()
    }
  }

  private alternatives({ alternatives }: { alternatives: readonly AST.Alternative[] }, from: number): Ends {
    return union(
      alternatives.map(({ elements }) =>
        elements.reduce<Ends>((places, element) => this.onward(element, places), [from]),
      ),
    )
  }

  private onward(part: Part, places: Ends): Ends {
    return places.length === 0 ? places : union(places.map((place) => this.ends(part, place)))
  }

  /** More repetitions than there are characters need not be tried: the others match nothing, and lead nowhere new. */
  private repeated({ element, min, max }: AST.Quantifier, from: number): Ends {
    const most = this.text.length + 1
    let places: Ends = [from]
    for (let i = 0; i < Math.min(min, most); i++) places = this.onward(element, places)
    const all = [places]
    for (let i = min; i < Math.min(max, min + most) && places.length > 0; i++) {
      places = this.onward(element, places)
      all.push(places)
    }
    return union(all)
  }

  private holds(assertion: AST.Assertion, at: number): boolean {
    switch (assertion.kind) {
      case 'start':
        return at === 0
      case 'end':
        return at === this.text.length
      case 'word':
        return (this.isWord(at - 1) !== this.isWord(at)) !== assertion.negate
      case 'lookahead':
        return this.alternatives(assertion, at).length > 0 !== assertion.negate
      case 'lookbehind': {
        const before = Array.from({ length: at + 1 }, (_, from) => from)
        return before.some((from) => this.alternatives(assertion, from).includes(at)) !== assertion.negate
      }
    }
  }

  private isWord(at: number): boolean {
    return at >= 0 && at < this.text.length && /^\w$/.test(this.text[at])
  }
}

function union(all: readonly Ends[]): Ends {
  return all.length === 1 ? all[0] : [...new Set(all.flat())]
}

const singles = new WeakMap<Part, RegExp>()

/** What stands for one character, as an expression of its own: there is nothing to go back to. */
function single(part: AST.Character | AST.CharacterSet | AST.CharacterClass): RegExp {
  const expression = singles.get(part) ?? new RegExp(`^(?:${part.raw})$`, 'u')
  singles.set(part, expression)
  return expression
}
