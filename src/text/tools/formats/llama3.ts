/**
 * Llama 3.1 to 3.3: a bare JSON object with `parameters`, one call a turn. A model that was told of tools may put the
 * token of its built-in ones ahead of it.
 */
import type { FormatKind } from './call-texts.js'

export const llama3: FormatKind = {
  name: 'llama3',
  marks: ['<|python_tag|>'],
  leads: ['<|python_tag|>'],
  shortIds: false,
  read: (texts) => (texts.open.startsWith('{') && texts.middle.includes('"parameters"') ? texts : null),
}
