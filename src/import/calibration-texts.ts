/**
 * The calibration text as token ids of the model at hand: our own conversations, in its chat template where it has one.
 */
import { createRequire } from 'node:module'
import type calibration from './calibration-text.json'
import { createChatTemplate } from '../text/chat.js'
import type { Checkpoint } from '../checkpoint/checkpoint.js'
import { createTokenizer } from '../text/tokenizer.js'

/** Longest text used, in tokens: attention over it is quadratic. */
const MAX_TOKENS = 384

/** Token ids of every calibration text. Throws `ModelError` when the tokenizer cannot be made. */
export function calibrationTexts(checkpoint: Checkpoint): Int32Array[] {
  const { conversations } = createRequire(import.meta.url)('./calibration-text.json') as typeof calibration
  const tokenizer = createTokenizer(checkpoint.tokenizer)
  const template = checkpoint.chatTemplate === null ? null : createChatTemplate(checkpoint.chatTemplate, tokenizer)
  const longest = Math.min(MAX_TOKENS, checkpoint.spec.maxPositions)
  return conversations.map((messages) => {
    const tokens =
      template?.encode(messages) ?? tokenizer.encode(messages.map((message) => message.content).join('\n\n'))
    return Int32Array.from(tokens.slice(0, longest))
  })
}
