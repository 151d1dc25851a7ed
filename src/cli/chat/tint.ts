/** Colours of the terminal: draft tokens that the model accepted are tinted, remarks are dim. */
import { styleText } from 'node:util'
import type { GeneratePart } from '../../api/types.js'

/** Text of a part, the tokens that were guessed right in green. */
export function tinted({ text, trace }: Pick<GeneratePart, 'text' | 'trace'>): string {
  const guessed = trace ? trace.path.map((node) => trace.texts[node]).join('') : ''
  // A part may lack its end, because a stop token has no text, or come late, in the middle of a character.
  if (guessed === '' || !text.startsWith(guessed)) return text
  return `${coloured('green', guessed)}${text.slice(guessed.length)}`
}

export function dim(text: string): string {
  return coloured('dim', text)
}

/** Asked for whatever standard output is: callers know which stream they write to. */
function coloured(format: 'green' | 'dim', text: string): string {
  return styleText(format, text, { validateStream: false })
}
