/** A tokenizer for answers that are read for calls, or held to a grammar: some special tokens have a text there. */
import type { Tokenizer } from './text.js'

/** As `tokenizer`, but the tokens of these spellings stand for them. */
export function speaking(tokenizer: Tokenizer, spellings: readonly string[]): Tokenizer {
  const utf8 = new TextEncoder()
  const spoken = new Map<number, Uint8Array>()
  for (const spelling of spellings) {
    const id = tokenizer.idOf(spelling)
    if (id !== undefined) spoken.set(id, utf8.encode(spelling))
  }
  return spoken.size === 0 ? tokenizer : { ...tokenizer, bytes: (token) => spoken.get(token) ?? tokenizer.bytes(token) }
}
