/** The ways in which models write calls of tools; the first that knows a template's is taken. */
import type { FormatKind } from './call-texts.js'
import { hermes } from './hermes.js'
import { llama3 } from './llama3.js'
import { mistral } from './mistral.js'
import { plain } from './plain.js'

export const callFormats: readonly FormatKind[] = [mistral, hermes, llama3, plain]
