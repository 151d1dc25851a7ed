/**
 * Chat messages to token ids by the model's own Jinja template (`@huggingface/jinja`).
 *
 * A special token's spelling inside a message or a tool must stay text. So every such spelling is replaced, before
 * rendering, by one character that occurs nowhere else, and put back afterwards; what is then found in the rendered
 * text is the template's own. Messages are otherwise rendered as they are, because templates trim, split and test them.
 * Text between two special tokens is encoded as one piece, template and message together: byte-pair merges go across
 * that border.
 */
import { Template } from '@huggingface/jinja'
import { NumberText, ordered } from '../common/json/index.js'
import { InvalidArgumentError, ModelError } from '../spec/errors.js'
import { assertFits } from './fits.js'
import { spellingsPattern } from './specials.js'
import type { ChatMessage, ChatTemplate, ToolPrompt } from './text.js'
import type { ModelTokenizer } from './tokenizer.js'
import { learnCallFormat, type CallFormat } from './tools/call-format.js'
import { GENERIC_FORMAT, genericTurns } from './tools/generic-prompt.js'
import { templateMessages, templateTools } from './tools/template-values.js'

/** First of the private-use characters that stand in for spellings. */
const STAND_INS = 0xf0000

/**
 * Compiles a chat template. Throws `ModelError` when it is no valid Jinja. Its `encode` ends with the turn that the
 * model is to write; it throws `InvalidArgumentError` naming the message that the template refuses, or `tools` where
 * the template knows none and `toolPrompt` (default `template`) does not make up for it.
 */
export function createChatTemplate(
  source: string,
  tokenizer: ModelTokenizer,
  toolPrompt: ToolPrompt = 'template',
): ChatTemplate {
  const template = compile(source)
  const generic = toolPrompt === 'generic'
  const spellings = tokenizer.specials.map((token) => token.content)
  const pattern = spellingsPattern(spellings)
  const render = (values: object): string => template.render({ ...tokenizer.roles, ...values })
  let learned: CallFormat | null | undefined

  function callFormat(param = 'tools'): CallFormat {
    if (generic) return GENERIC_FORMAT
    if (!names(template.parsed, 'tools')) throw withoutTools(param, "the model's chat template does not know tools")
    learned ??= learnCallFormat(
      (messages, tools, answer) =>
        render({ messages: templateMessages(messages), tools: templateTools(tools), add_generation_prompt: answer }),
      spellings,
    )
    if (!learned) throw withoutTools(param, "the model's chat template writes calls in a form that cannot be read back")
    return learned
  }

  return {
    get callFormat() {
      return callFormat()
    },
    encode(messages, tools = [], mostTokens = Infinity) {
      messages.forEach((message, i) => checkRole(message, i, spellings))
      if (tools.length > 0) callFormat()
      const ofTools = messages.findIndex(({ role, toolCalls = [] }) => role === 'tool' || toolCalls.length > 0)
      if (ofTools >= 0) callFormat(`messages[${ofTools}].${messages[ofTools].role === 'tool' ? 'role' : 'toolCalls'}`)
      const turns = templateMessages(messages)
      const values = {
        messages: generic ? templateMessages(genericTurns(messages, tools)) : turns,
        tools: generic || tools.length === 0 ? null : templateTools(tools),
        add_generation_prompt: true,
      }
      const standIn = standIns(spellings, source + JSON.stringify(values))
      const spelled = new Map([...standIn].map(([spelling, character]) => [character, spelling]))
      const restore = (text: string): string =>
        text.replace(/[\u{F0000}-\u{FFFFD}]/gu, (character) => spelled.get(character) ?? character)
      const held = everyText(values, (text) => text.replace(pattern, (spelling) => standIn.get(spelling) ?? spelling))
      const parts = tokenizer.splitSpecials(accepted(() => render(held)))
      assertFits(tokenizer, parts.filter((part) => typeof part === 'string').map(restore), mostTokens)
      return parts.flatMap((part) => (typeof part === 'number' ? part : tokenizer.encode(restore(part))))
    },
  }
}

function compile(source: string): Template {
  try {
    return new Template(source)
  } catch (cause) {
    throw new ModelError(
      'model_invalid',
      'chat_template',
      `the model's chat template cannot be read (${messageOf(cause)}); send a prompt without messages instead`,
      { cause },
    )
  }
}

/** Whether a part of a parsed template reads the variable. */
function names(part: unknown, variable: string): boolean {
  if (typeof part !== 'object' || part === null) return false
  if ('type' in part && part.type === 'Identifier' && 'value' in part && part.value === variable) return true
  return Object.values(part).some((inside) => names(inside, variable))
}

function withoutTools(param: string, why: string): InvalidArgumentError {
  return new InvalidArgumentError(param, `${param} cannot be used: ${why}; leave it out`, {
    forOwner: 'open the engine with toolPrompt "generic", which describes tools in the system turn',
  })
}

/** Templates compare and print roles, so a role cannot be held out; a real one never contains a special token. */
function checkRole({ role }: ChatMessage, index: number, spellings: readonly string[]): void {
  const found = spellings.find((spelling) => role.includes(spelling))
  if (found)
    throw new InvalidArgumentError(
      `messages[${index}].role`,
      `messages[${index}].role contains the special token ${found}; expected a name such as "user" or "assistant"`,
    )
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

/** The same value with every text in it changed, names of members too. */
function everyText<T>(value: T, change: (text: string) => string): T {
  if (typeof value === 'string') return change(value) as T
  if (Array.isArray(value)) return value.map((one: unknown) => everyText(one, change)) as T
  if (typeof value !== 'object' || value === null || value instanceof NumberText) return value
  return ordered(Object.entries(value).map(([name, inside]) => [change(name), everyText<unknown>(inside, change)])) as T
}

function accepted(render: () => string): string {
  try {
    return render()
  } catch (cause) {
    throw new InvalidArgumentError('messages', `the model's chat template refuses these messages: ${messageOf(cause)}`)
  }
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))
