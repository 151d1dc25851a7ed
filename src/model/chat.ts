/**
 * Chat messages to token ids by the model's own Jinja template (`@huggingface/jinja`).
 *
 * A special token's spelling inside a message must stay text. So every such spelling is replaced, before rendering, by one character that
 * occurs nowhere else, and put back afterwards; what is then found in the rendered text is the template's own. Messages are otherwise
 * rendered as they are, because templates trim, split and test them. Text between two special tokens is encoded as one piece, template
 * and message together: byte-pair merges go across that border.
 */
import { Template } from '@huggingface/jinja'
import { InvalidArgumentError, ModelError } from '../errors.js'
import { spellingsPattern } from './specials.js'
import type { ChatMessage, ChatTemplate } from './text.js'
import type { ModelTokenizer } from './tokenizer.js'

/** First of the private-use characters that stand in for spellings. */
const STAND_INS = 0xf0000

/**
 * Compiles a chat template. Throws `ModelError` when it is no valid Jinja.
 * Its `encode` ends with the turn that the model is to write; it throws `InvalidArgumentError` naming the message that the template refuses.
 */
export function createChatTemplate(source: string, tokenizer: ModelTokenizer): ChatTemplate {
  const template = compile(source)
  const spellings = tokenizer.specials.map((token) => token.content)
  const pattern = spellingsPattern(spellings)
  return {
    encode(messages) {
      messages.forEach((message, i) => checkRole(message, i, spellings))
      const standIn = standIns(spellings, [source, ...messages.flatMap((message) => [message.role, message.content])].join(''))
      const spelled = new Map([...standIn].map(([spelling, character]) => [character, spelling]))
      const restore = (text: string): string => text.replace(/[\u{F0000}-\u{FFFFD}]/gu, (character) => spelled.get(character) ?? character)
      const held = messages.map((message) => ({ ...message, content: message.content.replace(pattern, (spelling) => standIn.get(spelling) ?? spelling) }))
      const parts = tokenizer.splitSpecials(render(template, held, tokenizer.roles))
      return parts.flatMap((part) => (typeof part === 'number' ? part : tokenizer.encode(restore(part))))
    },
  }
}

function compile(source: string): Template {
  try {
    return new Template(source)
  } catch (cause) {
    throw new ModelError('model_invalid', 'chat_template', `the model's chat template cannot be read (${messageOf(cause)}); send a prompt without messages instead`, { cause })
  }
}

/** Templates compare and print roles, so a role cannot be held out; a real one never contains a special token. */
function checkRole({ role }: ChatMessage, index: number, spellings: readonly string[]): void {
  const found = spellings.find((spelling) => role.includes(spelling))
  if (found) throw new InvalidArgumentError(`messages[${index}].role`, `messages[${index}].role contains the special token ${found}; expected a name such as "user" or "assistant"`)
}

/** One private-use character for each spelling, none of which occurs in `text`. */
function standIns(spellings: readonly string[], text: string): Map<string, string> {
  let code = STAND_INS
  const free = (): string => {
    while (text.includes(String.fromCodePoint(code))) code++
    return String.fromCodePoint(code++)
  }
  return new Map(spellings.map((spelling) => [spelling, free()]))
}

function render(template: Template, messages: readonly ChatMessage[], roles: Readonly<Record<string, string>>): string {
  try {
    return template.render({ ...roles, messages, add_generation_prompt: true })
  } catch (cause) {
    throw new InvalidArgumentError('messages', `the model's chat template refuses these messages: ${messageOf(cause)}`)
  }
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))
