/** The tokens of a request's prompt: given, templated, or encoded. */
import type { EngineInfo, GenerateRequest } from '../api/types.js'
import { InvalidArgumentError } from '../spec/errors.js'
import { assertFits } from '../text/fits.js'
import type { TextParts } from './parts.js'
import { checkTools, type CheckedTools } from './check-tools.js'

/** What of a request makes its prompt. */
export type PromptFields = Pick<
  GenerateRequest,
  'messages' | 'tools' | 'toolChoice' | 'prompt' | 'promptTokens' | 'chatTemplateKwargs'
>

/**
 * Token ids of a prompt as the model reads it; `tools`: what is settled of the request's already. Throws
 * `InvalidArgumentError` naming the field, and for a text that `mostTokens` cannot hold `context_overflow`.
 */
export function encodePrompt(
  { tokenizer, template, bosToken }: Pick<TextParts, 'tokenizer' | 'template' | 'bosToken'>,
  { model, vocabSize }: Pick<EngineInfo, 'model' | 'vocabSize'>,
  request: PromptFields,
  tools?: Pick<CheckedTools, 'shown'> | null,
  mostTokens = Infinity,
): number[] {
  if (request.chatTemplateKwargs !== undefined && !request.messages)
    throw new InvalidArgumentError(
      'chatTemplateKwargs',
      'chatTemplateKwargs are for the chat template, which a raw prompt has none of; leave them out, or send messages',
    )
  if (request.promptTokens) {
    const bad = request.promptTokens.findIndex((token) => !Number.isInteger(token) || token < 0 || token >= vocabSize)
    if (bad >= 0 || request.promptTokens.length === 0) {
      throw new InvalidArgumentError(
        'promptTokens',
        `promptTokens must be token ids from 0 to ${vocabSize - 1}, at least one; entry ${bad} is ` +
          `${request.promptTokens[bad]}`,
      )
    }
    return [...request.promptTokens]
  }
  if (request.messages) {
    if (!template)
      throw new InvalidArgumentError('messages', `model "${model}" has no chat template; send a raw prompt instead`)
    const { chatTemplateKwargs: kwargs } = request
    return template.encode(request.messages, {
      tools: (tools === undefined ? checkTools(request) : tools)?.shown,
      mostTokens,
      input: kwargs && template.checkInput('chatTemplateKwargs', kwargs),
    })
  }
  assertFits(tokenizer, [request.prompt!], mostTokens)
  const tokens = tokenizer.encode(request.prompt!)
  if (bosToken !== null) tokens.unshift(bosToken)
  if (tokens.length === 0)
    throw new InvalidArgumentError(
      'prompt',
      'prompt is empty and this model has no token to begin with; give some text',
    )
  return tokens
}
