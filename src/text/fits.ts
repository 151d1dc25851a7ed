/** Refuses what is too long for a context by its length alone: rendering and tokenizing a megabyte takes seconds. */
import { SequoiaError } from '../spec/errors.js'
import type { Tokenizer } from './text.js'

/** Throws `SequoiaError` ('context_overflow') where `texts` have over `mostTokens` tokens, however they are split. */
export function assertFits(
  { mostBytes }: Pick<Tokenizer, 'mostBytes'>,
  texts: readonly string[],
  mostTokens: number,
): void {
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  const least = Math.ceil(bytes / mostBytes)
  if (least <= mostTokens) return
  throw new SequoiaError(
    'context_overflow',
    `the prompt has ${bytes} bytes, so ${least} tokens at least; the context holds ${mostTokens}; shorten the prompt`,
  )
}

/** Throws `SequoiaError` ('context_overflow') for more messages than tokens: each takes one at least. */
export function assertCount(messages: number, mostTokens: number): void {
  if (messages <= mostTokens) return
  throw new SequoiaError(
    'context_overflow',
    `the prompt has ${messages} messages, so as many tokens at least; the context holds ${mostTokens}; send fewer`,
  )
}
