/** Checks what a request says of tools, and settles what the model may do with them. */
import { InvalidArgumentError } from '../spec/errors.js'
import type { Tool } from '../text/text.js'
import { flag, show } from '../spec/check-values.js'
import type { GenerateRequest } from '../api/types.js'

export interface CheckedTools {
  /** What the model is told of. */
  shown: readonly Tool[]
  /** What it may call. */
  tools: readonly Tool[]
  required: boolean
  several: boolean
}

type ToolFields = Pick<
  GenerateRequest,
  'messages' | 'tools' | 'toolChoice' | 'parallelToolCalls' | 'responseFormat' | 'ignoreEos'
>

/** Limits of tools, on the wire as well. */
export const MOST_TOOLS = 128
export const TOOL_NAME = /^[a-zA-Z0-9_-]{1,64}$/

/** Null where nothing may be called. Throws `InvalidArgumentError` naming the field. */
export function checkTools({
  messages,
  tools: shown = [],
  toolChoice = 'auto',
  parallelToolCalls,
  responseFormat,
  ignoreEos,
}: ToolFields): CheckedTools | null {
  if (!Array.isArray(shown) || shown.length > MOST_TOOLS)
    throw new InvalidArgumentError(
      'tools',
      `tools must be a list of at most ${MOST_TOOLS}; got ${show(shown).slice(0, 60)}`,
    )
  shown.forEach((tool, i) => checkTool(tool, i, shown))
  const several = flag('parallelToolCalls', parallelToolCalls ?? true)
  const name = nameOf(toolChoice)
  if (shown.length === 0) {
    if (toolChoice !== 'auto' && toolChoice !== 'none')
      throw new InvalidArgumentError(
        'toolChoice',
        `toolChoice ${show(toolChoice)} is for requests with tools; give tools, or leave it out`,
      )
    return null
  }
  if (name !== null && !shown.some((tool) => tool.name === name)) {
    throw new InvalidArgumentError(
      'toolChoice',
      `toolChoice asks for ${show(name)}; tools has ${shown.map((tool) => tool.name).join(', ')}`,
    )
  }
  if (toolChoice === 'none') return null
  if (!messages)
    throw new InvalidArgumentError(
      'tools',
      'tools are described by the chat template, so they are for messages; leave them out of a raw prompt',
    )
  if (responseFormat && responseFormat.type !== 'text') {
    throw new InvalidArgumentError(
      'responseFormat',
      'an answer in a response format cannot call tools; leave out responseFormat, or set toolChoice to "none"',
    )
  }
  if (ignoreEos)
    throw new InvalidArgumentError(
      'ignoreEos',
      'ignoreEos goes on after the end, but an answer with tool calls ends when they are complete; leave out one ' +
        'of the two',
    )
  return {
    shown,
    tools: name === null ? shown : shown.filter((tool) => tool.name === name),
    required: toolChoice !== 'auto',
    several: several && name === null,
  }
}

function nameOf(choice: unknown): string | null {
  if (choice === 'auto' || choice === 'none' || choice === 'required') return null
  if (typeof choice === 'object' && choice !== null && 'name' in choice && typeof choice.name === 'string')
    return choice.name
  throw new InvalidArgumentError(
    'toolChoice',
    `toolChoice must be "auto", "none", "required" or { name }; got ${show(choice)}`,
  )
}

function checkTool(tool: unknown, index: number, all: readonly unknown[]): void {
  const at = `tools[${index}]`
  const { name, description, parameters } = (tool ?? {}) as Record<string, unknown>
  if (typeof name !== 'string' || !TOOL_NAME.test(name))
    throw new InvalidArgumentError(
      `${at}.name`,
      `${at}.name must be 1 to 64 letters, digits, "_" and "-"; got ${show(name)}`,
    )
  if (all.findIndex((other) => (other as Tool).name === name) < index)
    throw new InvalidArgumentError(
      `${at}.name`,
      `${at}.name is ${show(name)}, as an earlier tool's; give each a name of its own`,
    )
  if (description !== undefined && typeof description !== 'string')
    throw new InvalidArgumentError(`${at}.description`, `${at}.description must be a text; got ${show(description)}`)
  if (
    parameters !== undefined &&
    (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters))
  ) {
    throw new InvalidArgumentError(
      `${at}.parameters`,
      `${at}.parameters must be a JSON schema; got ${show(parameters)}`,
    )
  }
}
