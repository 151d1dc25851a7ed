/** Blanks: how SentencePiece spells them, and texts without those at their ends. */

/** SentencePiece's blank, and that of tokenizers that come from it. */
export const BLANK = '▁'

/** Pieces' spelling with blanks as they are in text. */
export const unspelled = (piece: string): string => piece.replaceAll(BLANK, ' ')

const IS_BLANK = /\p{White_Space}/u

/** White space as Unicode has it: JavaScript's holds U+FEFF and lacks U+0085. */
export function withoutBlanksAtEnd(text: string): string {
  let end = text.length
  while (end > 0 && IS_BLANK.test(text[end - 1])) end--
  return text.slice(0, end)
}

export function withoutBlanksAtStart(text: string, from = 0): string {
  let start = from
  while (start < text.length && IS_BLANK.test(text[start])) start++
  return text.slice(start)
}
