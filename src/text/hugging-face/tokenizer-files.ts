/**
 * The tokenizer of a checkpoint folder: `tokenizer.json`, else `tekken.json`, else a table of tiktoken's in
 * `tokenizer.model` or `tiktoken.model`.
 */
import { join } from 'node:path'
import { readJson, readJsonIfThere } from '../../checkpoint/safetensors/json-file.js'
import { readText } from '../../common/read-text.js'
import { ModelError } from '../../spec/errors.js'
import type { TokenizerFiles } from '../../spec/manifest.js'
import { readTekken } from './tekken.js'
import { isTiktoken, readTiktoken } from './tiktoken.js'

export interface FoundTokenizer extends TokenizerFiles {
  path: string
}

/** Throws `ModelError` where none can be read: it says what would do. */
export async function readTokenizerFiles(dir: string): Promise<FoundTokenizer> {
  const config = (await readJsonIfThere(join(dir, 'tokenizer_config.json'))) ?? {}
  const path = join(dir, 'tokenizer.json')
  const tokenizer = await readJsonIfThere(path)
  if (tokenizer) return { path, tokenizer, config }
  const tekkenPath = join(dir, 'tekken.json')
  const tekken = await readJsonIfThere(tekkenPath)
  if (tekken) {
    const read = readTekken(tekkenPath, tekken)
    return { path: tekkenPath, tokenizer: read.tokenizer, config: { ...read.config, ...config } }
  }
  for (const name of ['tokenizer.model', 'tiktoken.model']) {
    const tablePath = join(dir, name)
    const text = await readText(tablePath).catch(() => undefined)
    if (text === undefined) continue
    if (isTiktoken(text)) return { path: tablePath, tokenizer: readTiktoken(tablePath, text, config), config }
    throw new ModelError(
      'model_invalid',
      tablePath,
      `${tablePath} is a SentencePiece model, which this release reads from GGUF files alone; put the model's ` +
        'tokenizer.json beside it (transformers: AutoTokenizer.from_pretrained(DIR).save_pretrained(DIR)), or take ' +
        'its GGUF file',
    )
  }
  return { path, tokenizer: await readJson(path), config }
}
