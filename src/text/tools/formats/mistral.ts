/**
 * Mistral: the token `[TOOL_CALLS]`, then a list of JSON objects, `[{"name": ..., "arguments": ...}]`; later releases
 * `[TOOL_CALLS]name[ARGS]{...}` for each call. Templates print ids, which the model does not write.
 */
import type { CallTexts, FormatKind } from './call-texts.js'

const ID = /,\s*"id":\s*"call0sq0\d"/g

export const mistral: FormatKind = {
  name: 'mistral',
  marks: ['[TOOL_CALLS]', '[ARGS]'],
  leads: [],
  shortIds: true,
  read: ({ open, middle, next, close }: CallTexts) =>
    open.startsWith('[TOOL_CALLS]')
      ? { open, middle, next: next === null ? null : next.replace(ID, ''), close: close.replace(ID, '') }
      : null,
}
