/** What a source says of its weights before it is imported; kept in the cache, for a large header takes seconds. */
import { openRaw } from '../checkpoint/open-raw.js'
import { keptPath, readKept, writeKept } from '../common/kept-json.js'
import { asRecord } from '../common/record.js'
import type { SourceFacts } from '../formats/weight-format.js'
import { sourceStamp } from './source-stamp.js'

/** Names of kinds that hold 4 bits a weight. */
const FOUR_BITS = /^Q4_/
/** Bump when other facts are kept. */
const VERSION = 1

/** Throws `ModelError` for a source that cannot be read. */
export async function sourceFacts(path: string, cacheDir: string): Promise<SourceFacts> {
  const note = keptPath(cacheDir, 'facts', await sourceStamp(path, `facts ${VERSION}`))
  const known = checked(await readKept(note))
  if (known) return known
  const facts = await factsOf(path)
  await writeKept(note, facts)
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

function checked(value: unknown): SourceFacts | null {
  const { weights, fourBitShare } = asRecord(value) ?? {}
  return typeof weights === 'number' && typeof fourBitShare === 'number' ? { weights, fourBitShare } : null
}
