/**
 * The calibration text as token ids of the model at hand: our own conversations, in its chat template where it has one.
 */
import { createRequire } from 'node:module'
import type calibration from './calibration-text.json'
import { createChatTemplate } from '../text/chat.js'
import type { Checkpoint } from '../checkpoint/checkpoint.js'
import { InvalidArgumentError } from '../spec/errors.js'
import { hasOwnBasis } from '../spec/model-spec.js'
import type { ChatMessage, ChatTemplate } from '../text/text.js'
import { createTokenizer } from '../text/tokenizer.js'

/**
 * Longest text used, in tokens: import takes most of its time in passes over these texts. Of SmolLM2 in W8A8, KL to
 * fp32 on held-out conversations is 0.0102 with 96 and 0.0098 with 384, each ± 0.0002, and top-1 the same.
 */
const MAX_TOKENS = 96

const conversations = (): readonly ChatMessage[][] =>
  (createRequire(import.meta.url)('./calibration-text.json') as typeof calibration).conversations as ChatMessage[][]

/** What the user asks in each. */
export function calibrationQuestions(): string[] {
  return conversations().map(([{ content }]) => String(content))
}

/**
 * Token ids of every calibration text. A conversation that the chat template refuses, or a template that cannot be
 * read, is taken as plain text. Throws `ModelError` when the tokenizer cannot be made.
 */
export function calibrationTexts(checkpoint: Checkpoint): Int32Array[] {
  const tokenizer = createTokenizer(checkpoint.tokenizer)
  const template = checkpoint.chatTemplate === null ? null : createChatTemplate(checkpoint.chatTemplate, tokenizer)
  const longest = Math.min(MAX_TOKENS, checkpoint.spec.maxPositions)
  return conversations().map((messages) => {
    const tokens =
      inTemplate(template, messages) ??
      begun(checkpoint, tokenizer.encode(messages.map((message) => message.content).join('\n\n')))
    return Int32Array.from(tokens.slice(0, longest))
  })
}

/**
 * A text behind the token that begins all texts, where the model has one and its layers have norms behind branches:
 * by texts without it V's steps are not those of texts at work (Gemma 3 270M with V alone rounded: KL to fp32 .005
 * without it, .001 with it).
 */
function begun({ spec, bosToken }: Checkpoint, tokens: number[]): number[] {
  return bosToken !== null && hasOwnBasis(spec) ? [bosToken, ...tokens] : tokens
}

function inTemplate(template: ChatTemplate | null, messages: readonly ChatMessage[]): number[] | undefined {
  try {
    return template?.encode(messages)
  } catch (error) {
    if (error instanceof InvalidArgumentError) return undefined
    throw error
  }
}
