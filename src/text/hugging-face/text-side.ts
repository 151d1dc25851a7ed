/**
 * The text side of a Hugging Face checkpoint folder: tokenizer, chat template, and the tokens that begin and end a
 * text.
 */
import { join } from 'node:path'
import { ModelError } from '../../spec/errors.js'
import type { Checkpoint } from '../../checkpoint/checkpoint.js'
import { endTokens, samplingOfConfig } from '../generation-config.js'
import { stopTokens } from '../stop-tokens.js'
import { readText } from '../../common/read-text.js'
import { asRecord } from '../../common/record.js'
import { tokenizerTable } from '../tokenizer-table.js'
import { readJsonIfThere } from '../../checkpoint/safetensors/json-file.js'
import { readTokenizerFiles } from './tokenizer-files.js'

type TextSide = Pick<Checkpoint, 'tokenizer' | 'chatTemplate' | 'stopTokens' | 'bosToken' | 'sampling'>

/**
 * `config` is the parsed `config.json`. Throws `ModelError` for missing or corrupt files, and for token ids beyond the
 * vocabulary.
 */
export async function readTextSide(dir: string, config: Record<string, unknown>, vocabSize: number): Promise<TextSide> {
  const { path, tokenizer, config: tokenizerConfig } = await readTokenizerFiles(dir)
  const generationPath = join(dir, 'generation_config.json')
  const generation = (await readJsonIfThere(generationPath)) ?? {}
  const files = { tokenizer, config: tokenizerConfig }
  const { spellings, added } = tokenizerTable(files)
  for (const id of spellings.keys()) {
    if (id >= vocabSize)
      throw new ModelError(
        'model_invalid',
        path,
        `${path} has token ${id} (${JSON.stringify(spellings.get(id))}); the model's vocabulary ends at ` +
          `${vocabSize - 1}`,
      )
  }
  const idOf = new Map(added.map((token) => [token.content, token.id]))
  const idUnder = (name: string): number[] => {
    const value = tokenizerConfig[name]
    const id = idOf.get(String(asRecord(value)?.content ?? value))
    return id === undefined ? [] : [id]
  }
  const stated = endTokens(generation) ?? endTokens(config) ?? []
  const [bos = null] =
    tokenizerConfig.add_bos_token === false
      ? []
      : tokenizerConfig.add_bos_token === true
        ? idUnder('bos_token')
        : leadingToken(tokenizer.post_processor, idOf)
  return {
    tokenizer: files,
    chatTemplate: await chatTemplate(dir, tokenizerConfig),
    stopTokens: stopTokens([...stated, ...idUnder('eos_token')], added),
    bosToken: bos,
    sampling: samplingOfConfig(generationPath, generation),
  }
}

/** The special token that a post-processor puts before a single text, if any. */
function leadingToken(postProcessor: unknown, idOf: ReadonlyMap<string, number>): number[] {
  const processor = asRecord(postProcessor)
  if (processor?.type === 'Sequence' && Array.isArray(processor.processors))
    return processor.processors.flatMap((part) => leadingToken(part, idOf))
  const first =
    processor?.type === 'TemplateProcessing' && Array.isArray(processor.single)
      ? asRecord(asRecord(processor.single[0])?.SpecialToken)
      : undefined
  const id = typeof first?.id === 'string' ? idOf.get(first.id) : undefined
  return id === undefined ? [] : [id]
}

/**
 * Older folders keep the template in `tokenizer_config.json` (one, or several by name), newer ones in a file of its
 * own.
 */
async function chatTemplate(dir: string, config: Record<string, unknown>): Promise<string | null> {
  const file = await readText(join(dir, 'chat_template.jinja')).catch(() => undefined)
  const stated = config.chat_template
  if (file !== undefined || typeof stated === 'string') return file ?? String(stated)
  const named = Array.isArray(stated) ? stated.map(asRecord).find((entry) => entry?.name === 'default') : undefined
  return typeof named?.template === 'string' ? named.template : null
}
