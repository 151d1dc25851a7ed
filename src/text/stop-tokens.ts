/** Which tokens end a text. */

/**
 * Spellings that end a turn or a text in every model that has them as special tokens, though its files often state only
 * one.
 */
const ENDINGS = new Set([
  '<|endoftext|>',
  '<|end_of_text|>',
  '<|im_end|>',
  '<|eot_id|>',
  '<|eom_id|>',
  '<|end|>',
  '<end_of_turn>',
  '</s>',
])

/** The ids a source states, and those of its special tokens that end a text by their spelling; ascending, each once. */
export function stopTokens(
  stated: readonly number[],
  added: readonly { id: number; content: string; special: boolean }[],
): number[] {
  const known = added.filter((token) => token.special && ENDINGS.has(token.content)).map((token) => token.id)
  return [...new Set([...stated, ...known])].sort((a, b) => a - b)
}
