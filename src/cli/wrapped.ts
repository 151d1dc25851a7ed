/** Text for people on a terminal: broken between words, so that the terminal does not break it within them. */
import stringWidth from 'string-width'

/** Narrower terminals break lines as they will. */
export const NARROWEST = 40

/**
 * `text` in lines of at most `columns` characters, the second and later ones after `indent` spaces. As it is where
 * `columns` is undefined (no terminal) or too few. A word that is longer than a line keeps a line of its own.
 */
export function wrapped(text: string, columns: number | undefined, indent = 0): string {
  if (columns === undefined || columns - indent < NARROWEST) return text
  return text
    .split('\n')
    .map((line) => wrappedLine(line, columns, ' '.repeat(indent)))
    .join('\n')
}

function wrappedLine(text: string, columns: number, margin: string): string {
  if (stringWidth(text) <= columns) return text
  const lines: string[] = []
  let line = ''
  // Words with the spaces before them, which hold columns in their places.
  for (const word of text.match(/ *[^ ]+/g) ?? []) {
    if (line === '' || stringWidth(line) + stringWidth(word) <= columns) line += word
    else {
      lines.push(line)
      line = margin + word.trimStart()
    }
  }
  return [...lines, line].join('\n')
}
