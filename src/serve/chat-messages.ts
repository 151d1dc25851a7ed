/** The `messages` of a chat request: one form for each role. */
import * as z from 'zod'
import type { ChatMessage } from '../text/text.js'
import { show } from '../spec/show.js'
import { ApiError } from './api-error.js'
import { wireToolCall } from './wire-tools.js'

const textPart = z.strictObject({ type: z.literal('text'), text: z.string() })
const content = z.union([z.string(), z.array(textPart).min(1)], { error: 'must be a string or a list of text parts' })

const said = <Role extends string>(role: Role) =>
  z.strictObject({ role: z.literal(role), content, name: z.string().optional() })

/** Clients send an assistant's earlier answer back as they got it, so its empty extras are taken too. */
const assistant = z.strictObject({
  role: z.literal('assistant'),
  content: content.optional(),
  name: z.string().optional(),
  /** What the model thought: not OpenAI's. */
  reasoning_content: z.string().optional(),
  refusal: z.never().optional(),
  annotations: z.array(z.unknown()).max(0).optional(),
  audio: z.never().optional(),
  function_call: z.never().optional(),
  tool_calls: z.array(wireToolCall).optional(),
  /** What a client has read from `content` for its caller. */
  parsed: z.unknown().optional(),
})

const tool = z.strictObject({
  role: z.literal('tool'),
  content,
  tool_call_id: z.string().min(1),
  name: z.string().optional(),
})

export const chatMessage = z.discriminatedUnion(
  'role',
  [said('system'), said('developer'), said('user'), assistant, tool],
  {
    error: (issue) =>
      issue.code === 'invalid_union' ? 'must be "system" or "developer" or "user" or "assistant" or "tool"' : undefined,
  },
)

/**
 * Turns for the engine. Throws `ApiError` 400 for an assistant's turn that says nothing, and a result of a call that
 * nobody made.
 */
export function toTurns(messages: readonly z.infer<typeof chatMessage>[]): ChatMessage[] {
  const called = new Set<string>()
  return messages.map((message, i) => {
    if (message.role === 'tool') {
      if (!called.has(message.tool_call_id)) {
        throw new ApiError(
          400,
          'invalid_value',
          `messages[${i}].tool_call_id must be the id of a call in an assistant message before it; ` +
            `got ${show(message.tool_call_id)}`,
          `messages[${i}].tool_call_id`,
        )
      }
      return { role: 'tool', content: textOf(message.content), toolCallId: message.tool_call_id }
    }
    if (message.role !== 'assistant')
      return { role: message.role === 'developer' ? 'system' : message.role, content: textOf(message.content) }
    const calls = message.tool_calls ?? []
    if (calls.length === 0 && message.content === undefined) {
      throw new ApiError(
        400,
        'invalid_value',
        `messages[${i}].content must be a string or a list of text parts where there are no tool_calls; got nothing`,
        `messages[${i}].content`,
      )
    }
    for (const { id } of calls) called.add(id)
    const toolCalls = calls.map(({ id, function: { name, arguments: args } }) => ({
      id,
      name,
      // Some clients write no arguments as no text.
      arguments: args.trim() === '' ? '{}' : args,
    }))
    const { reasoning_content: reasoning } = message
    return {
      role: 'assistant',
      content: textOf(message.content ?? ''),
      ...(reasoning !== undefined && { reasoning }),
      ...(calls.length > 0 && { toolCalls }),
    }
  })
}

function textOf(given: z.infer<typeof content>): string {
  return typeof given === 'string' ? given : given.map((part) => part.text).join('')
}
