/**
 * Tools for a template that does not know them: the system turn lists them and says how to call one, calls are written
 * into the assistant's turns, results come as the user's. The form of a call is the one that SmolLM2's larger sisters
 * were taught.
 */
import { writeJson } from '../../common/json/index.js'
import type { CallFormat, ChatMessage, Tool, ToolCall } from '../text.js'

export const GENERIC_FORMAT: CallFormat = {
  name: 'generic',
  open: '<tool_call>[{"name": "',
  middle: '", "arguments": ',
  next: '}, {"name": "',
  close: '}]</tool_call>',
  marker: '<tool_call>',
  leads: [],
  spoken: [],
  shortIds: false,
}

/**
 * Plain turns that say the same; without `tools` the system turn stays as it is. `hasSystem`: whether the template
 * takes one; else the first turn says what it would have said.
 */
export function genericTurns(
  messages: readonly ChatMessage[],
  tools: readonly Tool[],
  hasSystem = true,
): ChatMessage[] {
  const turns = messages.flatMap((message, i) => {
    if (message.role !== 'tool') return [plain(message)]
    if (messages[i - 1]?.role === 'tool') return []
    const results = messages.slice(i, endOfResults(messages, i))
    return [
      {
        role: 'user',
        content: results.map(({ content }) => `<tool_response>\n${content}\n</tool_response>`).join('\n'),
      },
    ]
  })
  if (tools.length === 0) return turns
  const [first, ...rest] = turns
  if (first?.role === 'system' || (first && !hasSystem))
    return [
      first.role === 'system'
        ? { role: 'system', content: `${first.content}\n\n${instructions(tools)}` }
        : { ...first, content: `${instructions(tools)}\n\n${first.content}` },
      ...rest,
    ]
  return [{ role: 'system', content: instructions(tools) }, ...turns]
}

function plain({ role, content, toolCalls = [] }: ChatMessage): ChatMessage {
  return { role, content: content + (toolCalls.length > 0 ? written(toolCalls) : '') }
}

/** As the model wrote them, so that what was computed for them then is found again. */
function written(calls: readonly ToolCall[]): string {
  const { open, middle, next, close } = GENERIC_FORMAT
  const inside = calls.map(({ name, arguments: args }) => name + middle + (args.trim() === '' ? '{}' : args))
  return open + inside.join(next!) + close
}

function endOfResults(messages: readonly ChatMessage[], from: number): number {
  const end = messages.findIndex(({ role }, i) => i > from && role !== 'tool')
  return end < 0 ? messages.length : end
}

function instructions(tools: readonly Tool[]): string {
  const listed = tools.map(({ name, description, parameters = {} }) =>
    writeJson({ name, ...(description && { description }), parameters }),
  )
  return [
    'These functions can be called for you:',
    '<tools>',
    ...listed,
    '</tools>',
    'To call one or more of them, write only the list of calls, in this form:',
    '<tool_call>[{"name": "function_name", "arguments": {"argument": "value"}}]</tool_call>',
    'If no function helps, answer in plain words.',
  ].join('\n')
}
