/**
 * Chat messages to token ids by the model's own template, rendered as jinja2 does (`jinja/`).
 *
 * A special token's spelling inside a message or a tool must stay text. So every such spelling is replaced, before
 * rendering, by one character that occurs nowhere else, and put back afterwards; what is then found in the rendered
 * text is the template's own. Messages are otherwise rendered as they are, because templates trim, split and test them.
 * Text between two special tokens is encoded as one piece, template and message together: byte-pair merges go across
 * that border.
 */
import { InvalidArgumentError } from '../spec/errors.js'
import { assertCount, assertFits } from './fits.js'
import { toValue } from './jinja/convert.js'
import { compile, type Template } from './jinja/template.js'
import { standIns } from './stand-ins.js'
import { templateInput, type TemplateInput } from './template-input.js'
import type { CallFormat, ChatMessage, ChatTemplate, ToolPrompt } from './text.js'
import { thinkingMarks } from './thinking.js'
import type { ModelTokenizer } from './tokenizer.js'
import { attempt, learnCallFormat } from './tools/call-format.js'
import { GENERIC_FORMAT, genericTurns } from './tools/generic-prompt.js'
import { templateMessages, templateTools } from './tools/template-values.js'

/**
 * Reads a chat template. Its `encode` ends with the turn that the model is to write; it throws `InvalidArgumentError`
 * naming the message that the template refuses, `messages` where the template itself cannot be read, or `tools` where
 * it knows none and `toolPrompt` (default `template`) does not make up for it. `usual`: values for the template that
 * every conversation gets, unless it has its own.
 */
export function createChatTemplate(
  source: string,
  tokenizer: ModelTokenizer,
  toolPrompt: ToolPrompt = 'template',
  usual: TemplateInput = {},
): ChatTemplate {
  const generic = toolPrompt === 'generic'
  const spellings = tokenizer.specials.map((token) => token.content)
  const template = once(() => readable(source))
  const render = (values: object): string =>
    template().render({ ...usual, documents: null, ...tokenizer.roles, ...values })
  const learned = once(() =>
    learnCallFormat(
      (messages, tools, answer) =>
        render({ messages: templateMessages(messages), tools: templateTools(tools), add_generation_prompt: answer }),
      spellings,
    ),
  )

  const takesSystem = once(() => {
    const turns = ['system', 'user'].map((role) => ({ role, content: 'x' }))
    return attempt(() => render({ messages: turns, tools: null, add_generation_prompt: true })) !== null
  })
  const spoken = once(() => attempt(() => callFormat().spoken) ?? [])

  function callFormat(param = 'tools'): CallFormat {
    if (generic) return GENERIC_FORMAT
    if (!template().reads('tools')) throw withoutTools(param, "the model's chat template does not know tools")
    const format = learned()
    if (!format) throw withoutTools(param, "the model's chat template writes calls in a form that cannot be read back")
    return format
  }

  return {
    get spoken() {
      return spoken()
    },
    get callFormat() {
      return callFormat()
    },
    thinking: thinkingMarks(source, tokenizer),
    checkInput: (param, given) => templateInput(param, given, (name) => template().reads(name)),
    encode(messages, { tools = [], mostTokens = Infinity, input = {} } = {}) {
      assertCount(messages.length, mostTokens)
      messages.forEach((message, i) => checkRole(message, i, spellings))
      let format = tools.length > 0 ? callFormat() : null
      const ofTools = messages.findIndex(({ role, toolCalls = [] }) => role === 'tool' || toolCalls.length > 0)
      if (ofTools >= 0)
        format = callFormat(`messages[${ofTools}].${messages[ofTools].role === 'tool' ? 'role' : 'toolCalls'}`)
      const turns = templateMessages(messages, format?.shortIds)
      const given = {
        messages: generic
          ? templateMessages(genericTurns(messages, tools, tools.length === 0 || takesSystem()))
          : turns,
        tools: generic || tools.length === 0 ? null : templateTools(tools),
        input,
      }
      const { hide, restore } = standIns(spellings, source + textsOf(given).join('\n'))
      const held = { messages: toValue(given.messages, hide), tools: toValue(given.tools, hide) }
      const own = Object.entries(input).map(([name, value]) => [name, toValue(value, hide)] as const)
      const parts = tokenizer.splitSpecials(
        accepted(() => render({ ...Object.fromEntries(own), ...held, add_generation_prompt: true })),
      )
      assertFits(tokenizer, parts.filter((part) => typeof part === 'string').map(restore), mostTokens)
      return tokenizer.encodeParts(parts.map((part) => (typeof part === 'number' ? part : restore(part))))
    },
  }
}

/** The value of the first call, at every call. */
function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => (made ??= { value: make() }).value
}

function readable(source: string): Template {
  try {
    return compile(source)
  } catch (cause) {
    const why = `the model's chat template cannot be read (${messageOf(cause)})`
    throw new InvalidArgumentError('messages', `${why}; send a prompt without messages instead`)
  }
}

/** Every text in the values, names of members too. */
function textsOf(values: object): string[] {
  const texts: string[] = []
  toValue(values, (text) => (texts.push(text), text))
  return texts
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

function accepted(render: () => string): string {
  try {
    return render()
  } catch (cause) {
    if (cause instanceof InvalidArgumentError) throw cause
    throw new InvalidArgumentError('messages', `the model's chat template refuses these messages: ${messageOf(cause)}`)
  }
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))
