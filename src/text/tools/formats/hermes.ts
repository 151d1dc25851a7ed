/** Hermes, Qwen, SmolLM3: each call a JSON object in an element of its own, `<tool_call>{"name": ...}</tool_call>`. */
import type { FormatKind } from './call-texts.js'

export const hermes: FormatKind = {
  name: 'hermes',
  marks: ['<tool_call>', '</tool_call>'],
  leads: [],
  shortIds: false,
  read: (texts) => (texts.open.includes('<tool_call>') ? texts : null),
}
