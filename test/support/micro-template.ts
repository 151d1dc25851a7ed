/**
 * The micro target with another chat template: the same weights and tokens, so that a template which knows tools has a
 * model behind it.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tempFolder } from './temp-folder.js'

const KEY = 'tokenizer.chat_template'
/** What GGUF pads tensor data to: the header may only grow by whole steps of it. */
const ALIGNMENT = 32

const paths = new Map<string, string>()

/** The path of such a `.gguf` file, written once. */
export function microWithTemplate(template: string): string {
  const known = paths.get(template)
  if (known) return known
  const file = readFileSync(new URL('../../models/micro/target.gguf', import.meta.url))
  // The key is followed by its type (u32), its length (u64) and its text.
  const lengthAt = file.indexOf(KEY) + KEY.length + 4
  const length = Number(file.readBigUInt64LE(lengthAt))
  const text = Buffer.from(template)
  const fill = ((((length - text.length) % ALIGNMENT) + ALIGNMENT) % ALIGNMENT) + ALIGNMENT
  const padded = Buffer.concat([text, Buffer.from(`{#${' '.repeat(fill - 4)}#}`)])
  const size = Buffer.alloc(8)
  size.writeBigUInt64LE(BigInt(padded.length))
  const path = join(tempFolder(), 'micro-tools.gguf')
  paths.set(template, path)
  writeFileSync(path, Buffer.concat([file.subarray(0, lengthAt), size, padded, file.subarray(lengthAt + 8 + length)]))
  return path
}

/** Knows tools: lists them in the system turn, one call an element, results as the user's. */
export const TOOL_TEMPLATE = `{%- if tools %}{{- '<|im_start|>system\\n' }}
{%- if messages[0].role == 'system' %}{{- messages[0].content + '\\n' }}{%- endif %}{{- '<tools>' }}
{%- for tool in tools %}{{- '\\n' + (tool | tojson) }}{%- endfor %}{{- '\\n</tools><|im_end|>\\n' }}
{%- elif messages[0].role == 'system' %}
{{- '<|im_start|>system\\n' + messages[0].content + '<|im_end|>\\n' }}{%- endif %}
{%- for message in messages %}
{%- if message.role == 'user' or (message.role == 'assistant' and not message.tool_calls) %}
{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}
{%- elif message.role == 'assistant' %}{{- '<|im_start|>assistant' }}
{%- if message.content %}{{- '\\n' + message.content }}{%- endif %}
{%- for call in message.tool_calls %}{{- '\\n<tool_call>\\n{"name": "' + call.function.name }}
{{- '", "arguments": ' + (call.function.arguments | tojson) + '}\\n</tool_call>' }}{%- endfor %}{{- '<|im_end|>\\n' }}
{%- elif message.role == 'tool' %}
{{- '<|im_start|>user\\n<tool_response>\\n' + message.content + '\\n</tool_response><|im_end|>\\n' }}{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}`
