/** `tools`, `tool_choice` and `parallel_tool_calls` of chat completions, and the turns that come of them. */
import * as z from 'zod'
import { MOST_TOOLS, TOOL_NAME } from '../engine/check-tools.js'
import type { GenerateRequest, Tool, ToolCallPart } from '../api/types.js'
import { anyObject } from './json-values.js'

export const toolName = z.string().regex(TOOL_NAME, { error: 'must be 1 to 64 letters, digits, "_" and "-"' })

/** What every form of a tool has. Arguments always keep to the schema, so `strict` changes nothing. */
export const functionFields = {
  name: toolName,
  description: z.string().optional(),
  parameters: anyObject.optional(),
  strict: z.boolean().optional(),
}

const MODES = ['none', 'auto', 'required'] as const

export const chatTools = {
  tools: z
    .array(z.strictObject({ type: z.literal('function'), function: z.strictObject(functionFields) }))
    .max(MOST_TOOLS)
    .optional(),
  tool_choice: z
    .union(
      [z.enum(MODES), z.strictObject({ type: z.literal('function'), function: z.strictObject({ name: z.string() }) })],
      {
        error: 'must be "none", "auto", "required" or { type: "function", function: { name } }',
      },
    )
    .optional(),
  parallel_tool_calls: z.boolean().optional(),
}

/**
 * A call as an assistant's turn repeats it; clients that gather it from a stream may leave its `index` in, those that
 * parse it for their caller what they read.
 */
export const wireToolCall = z.strictObject({
  id: z.string().min(1),
  type: z.literal('function'),
  function: z.strictObject({ name: toolName, arguments: z.string(), parsed_arguments: z.unknown().optional() }),
  index: z.int().optional(),
})

export type ToolChoice = (typeof MODES)[number] | { name: string }

/** The engine's fields; without tools there is nothing to choose from. */
export function toolFields(
  tools: readonly z.infer<z.ZodObject<typeof functionFields>>[],
  toolChoice?: ToolChoice,
  parallelToolCalls?: boolean,
): Partial<GenerateRequest> {
  return { tools: tools.length > 0 ? tools.map(toTool) : undefined, toolChoice, parallelToolCalls }
}

function toTool({ name, description, parameters }: z.infer<z.ZodObject<typeof functionFields>>): Tool {
  return { name, description, parameters }
}

/** One call put together from its pieces. */
export interface WholeCall {
  name: string
  arguments: string
}

/** Adds pieces to the calls of an answer, which are in order. */
export function gather(calls: WholeCall[], pieces: readonly ToolCallPart[] = []): void {
  for (const { index, name, arguments: more } of pieces) {
    const call = (calls[index] ??= { name: name!, arguments: '' })
    call.arguments += more
  }
}
