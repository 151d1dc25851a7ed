/** The text side of a model: tokens and chat turns. */

export interface ChatMessage {
  role: string
  content: string
}

export interface Tokenizer {
  readonly vocabSize: number
  /** Encodes text. Special tokens' spellings in `text` stay plain text unless `parseSpecial`. Adds no bos. */
  encode(text: string, options?: { parseSpecial?: boolean }): number[]
  /** The raw bytes one token stands for (byte-level BPE undone); empty for special tokens. */
  bytes(token: number): Uint8Array
  /** Decodes whole sequences; special tokens left out unless asked for. */
  decode(tokens: ArrayLike<number>, options?: { special?: boolean }): string
  idOf(spelling: string): number | undefined
}

/**
 * Renders messages with the model's Jinja template to token ids: the template's own special tokens become their ids,
 * while the same spellings inside a message's content stay text.
 */
export interface ChatTemplate {
  encode(messages: readonly ChatMessage[]): number[]
}
