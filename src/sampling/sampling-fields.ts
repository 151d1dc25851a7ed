/** What a request may ask of the choice of tokens besides temperature and truncation; part of `GenerateRequest`. */
import type { ResponseFormat } from '../grammar/response-format.js'

export type { ResponseFormat } from '../grammar/response-format.js'

/**
 * Changes to the logits of one request. They apply along every path of a tree, so texts are those of plain decoding.
 */
export interface SamplingFields {
  /**
   * Divides the positive logits of every token of the prompt and the answer so far by this, and multiplies the negative
   * ones; 0.01..100, 1 is off.
   */
  repetitionPenalty?: number
  /** Taken from the logit of every token that the answer holds already; -2..2, 0 is off. */
  presencePenalty?: number
  /** Taken from a token's logit for each time the answer holds it already; -2..2, 0 is off. */
  frequencyPenalty?: number
  /** Added to the logits of these tokens; -100..100 each. */
  logitBias?: Readonly<Record<number, number>>
  /** Tokens that never come. */
  bannedTokens?: readonly number[]
  /** The only tokens that may come. */
  allowedTokens?: readonly number[]
  /** Before this many tokens neither a stop token nor a stop string ends the answer; a stop token cannot come. */
  minTokens?: number
  /** The model's own stop tokens do not end the answer. */
  ignoreEos?: boolean
  /** Further tokens that end the answer; like the model's own they have no text. At most 64. */
  stopTokenIds?: readonly number[]
  /**
   * Log probabilities of the chosen tokens and of this many of the likeliest, 0..20, from the target's own logits:
   * before temperature, penalties, bias and masks.
   */
  logprobs?: number
  /** The form of the answer: every token keeps to it, and the answer ends when it is complete. Default `text`: any. */
  responseFormat?: ResponseFormat
  /**
   * Which of several answers to one request this is: part of the noise key, so each has draws of its own. Default 0.
   */
  choice?: number
}

/** A token with its log probability under the target's unmodified logits. */
export interface TokenLogprob {
  token: number
  /** As it is read, special tokens spelled out; an incomplete character is U+FFFD. */
  text: string
  /** Its bytes; those of `text` for special tokens. */
  bytes: Uint8Array
  /** Whether it is a special token, which has no text in an answer. */
  isSpecial: boolean
  /** Natural logarithm; at most 0. */
  logprob: number
}

/** A chosen token and the likeliest ones at its place, likeliest first. */
export interface ChosenLogprob extends TokenLogprob {
  top: TokenLogprob[]
}
