/**
 * Characters that stand in for special tokens' spellings while a template is rendered, so that what a message says is
 * not taken for what the template writes.
 */
import { spellingsPattern } from './specials.js'

/** First of the private-use characters. */
const FIRST = 0xf0000

export interface StandIns {
  /** Puts stand-ins in the place of spellings. */
  hide(text: string): string
  /** Puts the spellings back, where a template has printed a stand-in as an escape too. */
  restore(text: string): string
}

/** Uses characters that `text` has neither as such nor as an escape. */
export function standIns(spellings: readonly string[], text: string): StandIns {
  const hidden = new Map<string, string>()
  const restored = new Map<string, string>()
  let code = FIRST
  for (const spelling of spellings) {
    while (forms(code).some((form) => text.includes(form))) code++
    hidden.set(spelling, String.fromCodePoint(code))
    for (const form of forms(code)) restored.set(form, spelling)
    code++
  }
  const replacing = (by: ReadonlyMap<string, string>): ((text: string) => string) => {
    const pattern = spellingsPattern([...by.keys()])
    return (whole) => whole.replace(pattern, (found) => by.get(found) ?? found)
  }
  return { hide: replacing(hidden), restore: replacing(restored) }
}

/** The character, and how Python prints it inside a list and in JSON of ASCII alone. */
function forms(code: number): string[] {
  const character = String.fromCodePoint(code)
  const unit = (at: number): string => String.raw`\u${character.charCodeAt(at).toString(16)}`
  return [character, String.raw`\U000${code.toString(16)}`, unit(0) + unit(1)]
}
