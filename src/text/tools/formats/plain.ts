/** Any other fixed text around names and arguments: lists, bare objects, tags. */
import type { FormatKind } from './call-texts.js'

export const plain: FormatKind = { name: 'plain', marks: [], leads: [], shortIds: false, read: (texts) => texts }
