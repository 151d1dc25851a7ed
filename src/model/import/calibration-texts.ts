/** The calibration text as token ids of the model at hand: our own conversations, in its chat template where it has one. */
import { createRequire } from 'node:module'
import { Template } from '@huggingface/jinja'
import { Tokenizer } from '@huggingface/tokenizers'
import type calibration from '../calibration-text.json'
import type { Checkpoint } from '../tensors.js'

/** Longest text used, in tokens: attention over it is quadratic. */
const MAX_TOKENS = 384

/** Token ids of every calibration text. */
export function calibrationTexts(checkpoint: Checkpoint): Int32Array[] {
  const { conversations } = createRequire(import.meta.url)('../calibration-text.json') as typeof calibration
  const tokenizer = new Tokenizer(checkpoint.tokenizer.tokenizer, checkpoint.tokenizer.config)
  const template = checkpoint.chatTemplate === null ? null : new Template(checkpoint.chatTemplate)
  const spell = (token: number | null): string => (token === null ? '' : tokenizer.decode([token], { skip_special_tokens: false }))
  const names = { bos_token: spell(checkpoint.bosToken), eos_token: spell(checkpoint.stopTokens[0] ?? null), add_generation_prompt: false }
  return conversations.map((messages) => {
    const text = template === null ? messages.map((message) => message.content).join('\n\n') : template.render({ ...names, messages })
    const { ids } = tokenizer.encode(text, { add_special_tokens: false })
    return Int32Array.from(ids.slice(0, Math.min(MAX_TOKENS, checkpoint.config.maxPositions)))
  })
}
