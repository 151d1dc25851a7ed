/**
 * Messages and tools as chat templates read them: the names that Hugging Face's templates use, arguments as objects.
 */
import { createHash } from 'node:crypto'
import { show } from '../../spec/show.js'
import { InvalidArgumentError } from '../../spec/errors.js'
import { isDict, type Value } from '../jinja/values.js'
import { valueOfJson } from '../jinja/convert.js'
import type { ChatMessage, Tool } from '../text.js'

/**
 * `shortIds`: ids of calls become nine letters and digits, which some templates insist on. Throws
 * `InvalidArgumentError` naming the call whose arguments are no JSON object.
 */
export function templateMessages(messages: readonly ChatMessage[], shortIds = false): object[] {
  const idOf = (id: string): string => (shortIds ? shortId(id) : id)
  const names = new Map(messages.flatMap(({ toolCalls = [] }) => toolCalls.map(({ id, name }) => [id, name] as const)))
  return messages.map(({ role, content, reasoning, toolCalls, toolCallId }, i) => ({
    role,
    content,
    ...(reasoning !== undefined && { reasoning_content: reasoning }),
    ...(toolCalls && {
      tool_calls: toolCalls.map(({ id, name, arguments: args }, j) => ({
        id: idOf(id),
        type: 'function',
        function: { name, arguments: parsed(args, `messages[${i}].toolCalls[${j}].arguments`) },
      })),
    }),
    ...(toolCallId !== undefined && { tool_call_id: idOf(toolCallId), name: names.get(toolCallId) }),
  }))
}

export function templateTools(tools: readonly Tool[]): object[] {
  return tools.map(({ name, description = '', parameters = { type: 'object', properties: {} } }) => ({
    type: 'function',
    function: { name, description, parameters },
  }))
}

/** Equal ids stay equal. */
function shortId(id: string): string {
  return /^[a-zA-Z0-9]{9}$/.test(id) ? id : createHash('sha256').update(id).digest('hex').slice(0, 9)
}

/** The order of the arguments and the spelling of their numbers stay: templates print them. */
function parsed(args: string, param: string): Value {
  try {
    // No arguments are written as no text by some.
    const value = valueOfJson(args.trim() === '' ? '{}' : args)
    if (isDict(value)) return value
  } catch {
    // Said below.
  }
  throw new InvalidArgumentError(param, `${param} must be a JSON object as text; got ${show(args)}`)
}
