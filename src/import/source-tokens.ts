/** Which family a source is of and which tokens it speaks, before it is imported; kept in the cache. */
import { architectures, describe } from '../architectures/index.js'
import { openRaw } from '../checkpoint/open-raw.js'
import { keptPath, readKept, writeKept } from '../common/kept-json.js'
import { asRecord } from '../common/record.js'
import { tokenizerHash } from '../text/tokenizer.js'
import { textOf } from './open-checkpoint.js'
import { sourceStamp } from './source-stamp.js'

export interface SourceTokens {
  /** The family's name (`src/architectures/`). */
  family: string
  /** Rows of its embedding. */
  vocab: number
  /** `tokenizerHash` of its manifest, were it imported. */
  tokens: string
}

/** Bump when other facts are kept. */
const VERSION = 1

/** Throws `ModelError` for a source that cannot be read. */
export async function sourceTokens(path: string, cacheDir: string): Promise<SourceTokens> {
  const note = keptPath(cacheDir, 'facts', await sourceStamp(path, `tokens ${VERSION}`))
  const known = checked(await readKept(note))
  if (known) return known
  const found = await tokensOf(path)
  await writeKept(note, found)
  return found
}

async function tokensOf(path: string): Promise<SourceTokens> {
  const raw = await openRaw(path)
  try {
    const { family, spec } = await describe(raw, architectures)
    const { tokenizer } = await textOf(raw, spec.vocab)
    return { family, vocab: spec.vocab, tokens: tokenizerHash(tokenizer) }
  } finally {
    await raw.close()
  }
}

function checked(value: unknown): SourceTokens | null {
  const { family, vocab, tokens } = asRecord(value) ?? {}
  const isWhole = typeof family === 'string' && typeof vocab === 'number' && typeof tokens === 'string'
  return isWhole ? { family, vocab, tokens } : null
}
