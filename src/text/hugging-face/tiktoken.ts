/** tiktoken's tables (a line a token: base64, blank, rank) with the special tokens of `tokenizer_config.json`. */
import { asRecord } from '../../common/record.js'
import { ModelError } from '../../spec/errors.js'
import { PATTERNS } from '../gguf/published-patterns.js'
import { rankedTokenizer } from './ranked-tokens.js'

const LINE = /^([A-Za-z0-9+/]+=*) (\d+)$/

export const isTiktoken = (text: string): boolean => LINE.test(text.slice(0, text.indexOf('\n')))

/**
 * `tokenizer.json` of a table. The files do not say how text is split: as Llama 3 does, which is what transformers
 * takes too. Throws `ModelError` for a damaged table, and where no file says which the special tokens are.
 */
export function readTiktoken(path: string, text: string, config: Record<string, unknown>): Record<string, unknown> {
  const lines = text.split('\n').filter((line) => line !== '')
  const tokens = lines.map((line, rank) => {
    const found = LINE.exec(line)
    if (found && Number(found[2]) === rank) return found[1]
    throw new ModelError(
      'model_invalid',
      path,
      `${path} has ${JSON.stringify(line)} in line ${rank + 1}; expected a token and ${rank}; download it again`,
    )
  })
  const stated = asRecord(config.added_tokens_decoder)
  if (!stated)
    throw new ModelError(
      'model_invalid',
      path,
      `${path} has no special tokens, and tokenizer_config.json no "added_tokens_decoder" that names them; take the ` +
        "model's tokenizer.json, or its GGUF file",
    )
  const added = Object.entries(stated).map(([id, token]) => ({
    ...asRecord(token),
    id: Number(id),
    content: String(asRecord(token)?.content),
    special: asRecord(token)?.special === true,
  }))
  return rankedTokenizer({ tokens, firstId: 0, pattern: PATTERNS.llama3[0], added })
}
