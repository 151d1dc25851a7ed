/** Log probabilities of one row of unmodified logits: of its likeliest tokens and of the one that was chosen. */
import type { Core } from '../core/index.js'
import type { NoiseKey, Sampling } from '../core/types.js'
import type { Tokenizer } from '../text/text.js'
import type { ChosenLogprob, TokenLogprob } from './sampling-fields.js'

/** Makes the core list the likeliest tokens, with their probabilities at temperature 1. */
const LIKELIEST: Sampling = { temperature: 0, topK: 0, topP: 1, minP: 0 }
const NO_NOISE: NoiseKey = { seed: 0n, choice: 0 }

const utf8 = new TextEncoder()

/** `rowPtr`: float32 [vocab] in wasm memory. Accurate to 1e-6, however unlikely the token. */
export function logprobsOf(
  core: Core,
  tokenizer: Tokenizer,
  rowPtr: number,
  vocab: number,
  chosen: number,
  count: number,
): ChosenLogprob {
  const likeliest = core.draftChildren(rowPtr, vocab, LIKELIEST, NO_NOISE, 0, Math.max(count, 1), 'top-k')
  const row = core.f32(rowPtr, vocab)
  // log p[x] = logit[x] - logit[first] + log p[first]: the first token's probability is never too small for a float.
  const shift = Math.log(likeliest.q[0]) - row[likeliest.tokens[0]]
  const entry = (token: number): TokenLogprob => ({
    token,
    ...spelled(tokenizer, token),
    logprob: Math.min(0, row[token] + shift),
  })
  return { ...entry(chosen), top: Array.from(likeliest.tokens.subarray(0, count), entry) }
}

function spelled(tokenizer: Tokenizer, token: number): Pick<TokenLogprob, 'text' | 'bytes' | 'isSpecial'> {
  const text = tokenizer.decode([token], { special: true })
  const bytes = tokenizer.bytes(token)
  const isSpecial = bytes.length === 0
  return { text, bytes: isSpecial ? utf8.encode(text) : bytes, isSpecial }
}
