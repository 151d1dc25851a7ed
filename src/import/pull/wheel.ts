/** Takes one file out of a wheel (a zip archive). */
import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import yauzl from 'yauzl'

/**
 * Writes the entry to `target`. Throws an `Error` when the archive is corrupt, lacks it, or holds another size than
 * `bytes`.
 */
export async function extractEntry(archive: string, entryName: string, bytes: number, target: string): Promise<void> {
  const zip = await yauzl.openPromise(archive, { lazyEntries: true, autoClose: false })
  try {
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName !== entryName) continue
      if (entry.uncompressedSize !== bytes)
        throw new Error(`${entryName} in ${archive} has ${entry.uncompressedSize} bytes, expected ${bytes}`)
      await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(target))
      return
    }
  } finally {
    zip.close()
  }
  throw new Error(`${archive} holds no ${entryName}`)
}
