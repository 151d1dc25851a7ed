/** What a source says of its weights before it is imported; kept in the cache, for a large header takes seconds. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openRaw } from '../checkpoint/open-raw.js'
import { writeWhole } from '../common/write-whole.js'
import type { SourceFacts } from '../formats/weight-format.js'
import { sourceStamp } from './source-stamp.js'

/** Names of kinds that hold 4 bits a weight. */
const FOUR_BITS = /^Q4_/
/** Bump when other facts are kept. */
const VERSION = 1

/** Throws `ModelError` for a source that cannot be read. */
export async function sourceFacts(path: string, cacheDir: string): Promise<SourceFacts> {
  const note = join(cacheDir, 'facts', `${await sourceStamp(path, `facts ${VERSION}`)}.json`)
  const known = parsed(await readFile(note, 'utf8').catch(() => ''))
  if (known) return known
  const facts = await factsOf(path)
  // A cache that cannot be written still works; the header is read again each time.
  await writeWhole(note, JSON.stringify(facts)).catch(() => undefined)
  return facts
}

async function factsOf(path: string): Promise<SourceFacts> {
  const raw = await openRaw(path)
  try {
    let [weights, inFourBits] = [0, 0]
    for (const { shape, kind } of raw.tensors.values()) {
      if (shape.length < 2) continue
      const count = shape.reduce((product, size) => product * size, 1)
      weights += count
      if (FOUR_BITS.test(kind.name)) inFourBits += count
    }
    return { weights, fourBitShare: weights === 0 ? 0 : inFourBits / weights }
  } finally {
    await raw.close()
  }
}

function parsed(text: string): SourceFacts | null {
  try {
    const { weights, fourBitShare } = JSON.parse(text) as Partial<SourceFacts>
    return typeof weights === 'number' && typeof fourBitShare === 'number' ? { weights, fourBitShare } : null
  } catch {
    return null
  }
}
