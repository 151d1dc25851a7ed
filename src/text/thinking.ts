/**
 * Models that think before they answer, between two tokens that their chat template knows. Where a prompt leaves the
 * answer is read off its last tokens: templates open the thinking themselves, leave it to the model, or close it at
 * once where a request switches it off.
 */
import type { ThinkingMarks, Tokenizer } from './text.js'

/** Where an answer is: before the thinking that may come, inside of it, or behind it. */
export type ThinkingPlace = 'before' | 'inside' | 'after'

const OPEN = '<think>'
const CLOSE = '</think>'

/** Null where the template has no thinking, or its marks are no tokens of their own. */
export function thinkingMarks(template: string, tokenizer: Pick<Tokenizer, 'idOf'>): ThinkingMarks | null {
  if (!template.includes(CLOSE)) return null
  const [open, close] = [tokenizer.idOf(OPEN), tokenizer.idOf(CLOSE)]
  return open === undefined || close === undefined ? null : { open, close }
}

/** Where a prompt leaves the answer: what its last turn has behind the special token that began it. */
export function placeAfter(
  prompt: readonly number[],
  { open, close }: ThinkingMarks,
  tokenizer: Pick<Tokenizer, 'bytes'>,
): ThinkingPlace {
  for (let at = prompt.length - 1; at >= 0; at--) {
    const token = prompt[at]
    if (token === close) return 'after'
    if (token === open) return 'inside'
    if (tokenizer.bytes(token).length === 0) break
  }
  return 'before'
}

/** Where an answer is behind one more token. Blanks may come ahead of the thinking. */
export function nextPlace(
  place: ThinkingPlace,
  token: number,
  { open, close }: ThinkingMarks,
  tokenizer: Pick<Tokenizer, 'bytes'>,
): ThinkingPlace {
  if (place === 'inside') return token === close ? 'after' : 'inside'
  if (place === 'after') return 'after'
  if (token === open) return 'inside'
  return isBlank(tokenizer.bytes(token)) ? 'before' : 'after'
}

const isBlank = (bytes: Uint8Array): boolean => bytes.length > 0 && bytes.every((byte) => byte <= 0x20)
