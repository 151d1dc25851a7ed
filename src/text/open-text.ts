/** An imported model's text side: its tokenizer, and its chat template where it has one. */
import type { ModelManifest } from '../spec/manifest.js'
import { createChatTemplate } from './chat.js'
import type { TemplateInput } from './template-input.js'
import type { ChatTemplate, ToolPrompt } from './text.js'
import { loadTokenizer, type ModelTokenizer } from './tokenizer.js'

/** Plain values, so that another thread can open the same. */
export interface TextSource {
  /** The folder of the imported model. */
  dir: string
  manifest: Pick<ModelManifest, 'files' | 'chatTemplate'>
  toolPrompt: ToolPrompt
  /** Values for the template that every conversation gets. */
  templateInput: TemplateInput
}

/** Throws `ModelError` for files that are missing or corrupt. */
export async function openText({
  dir,
  manifest,
  toolPrompt,
  templateInput,
}: TextSource): Promise<{ tokenizer: ModelTokenizer; template: ChatTemplate | null }> {
  const tokenizer = await loadTokenizer(dir, manifest)
  const { chatTemplate } = manifest
  return {
    tokenizer,
    template: chatTemplate === null ? null : createChatTemplate(chatTemplate, tokenizer, toolPrompt, templateInput),
  }
}
