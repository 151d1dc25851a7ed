/**
 * Messages and tools as chat templates read them: the names that Hugging Face's templates use, arguments as objects.
 */
import { parseJson } from '../../common/json/index.js'
import { show } from '../../spec/show.js'
import { InvalidArgumentError } from '../../spec/errors.js'
import type { ChatMessage, Tool } from '../text.js'

/** Throws `InvalidArgumentError` naming the call whose arguments are no JSON object. */
export function templateMessages(messages: readonly ChatMessage[]): object[] {
  const names = new Map(messages.flatMap(({ toolCalls = [] }) => toolCalls.map(({ id, name }) => [id, name] as const)))
  return messages.map(({ role, content, toolCalls, toolCallId }, i) => ({
    role,
    content,
    ...(toolCalls && {
      tool_calls: toolCalls.map(({ id, name, arguments: args }, j) => ({
        id,
        type: 'function',
        function: { name, arguments: parsed(args, `messages[${i}].toolCalls[${j}].arguments`) },
      })),
    }),
    ...(toolCallId !== undefined && { tool_call_id: toolCallId, name: names.get(toolCallId) }),
  }))
}

export function templateTools(tools: readonly Tool[]): object[] {
  return tools.map(({ name, description = '', parameters = { type: 'object', properties: {} } }) => ({
    type: 'function',
    function: { name, description, parameters },
  }))
}

function parsed(args: string, param: string): object {
  try {
    // No arguments are written as no text by some.
    const value: unknown = args.trim() === '' ? {} : parseJson(args)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch {
    // Said below.
  }
  throw new InvalidArgumentError(param, `${param} must be a JSON object as text; got ${show(args)}`)
}
