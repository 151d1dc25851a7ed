/** Downloads one file over HTTP: resumed where it stopped, checked, and put in its place only when whole. */
import { open, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { StorageError } from '../../spec/errors.js'
import { requireSpace, storageFault, type FreeBytes } from '../storage.js'
import { findFault, type FileFacts } from '../file-facts.js'
import { Unreachable } from './source.js'

export interface DownloadOptions {
  /** Called with the bytes that are there so far. */
  onBytes?: (bytes: number) => void
  signal?: AbortSignal
  /** Sent along, such as `authorization`. */
  headers?: Readonly<Record<string, string>>
  freeBytes?: FreeBytes
}

/** A transfer that breaks off is taken up again this often, as long as it gets further. */
const MAX_ATTEMPTS = 5

/**
 * Downloads `url` to `path` by way of `path.part`, which a later call goes on from. Throws an `Error` saying what the
 * server answered, or how the file differs from `facts`; a part that cannot become the right file is removed.
 */
export async function download(
  url: string,
  path: string,
  facts: FileFacts,
  options: DownloadOptions = {},
): Promise<void> {
  const part = `${path}.part`
  const there = await sizeOf(part)
  const resumed = there > 0
  const { freeBytes } = options
  await requireSpace(`pulling ${basename(path)}`, dirname(path), Math.max(0, facts.bytes - there), freeBytes)
  await complete(url, part, facts.bytes, options)
  let fault = await findFault(part, facts)
  if (fault !== null && resumed) {
    // The part may be left over from another version of the file.
    await rm(part, { force: true })
    await complete(url, part, facts.bytes, options)
    fault = await findFault(part, facts)
  }
  if (fault !== null) {
    await rm(part, { force: true })
    throw new Error(`${url} ${fault}`)
  }
  await rename(part, path)
}

async function complete(url: string, part: string, total: number, options: DownloadOptions): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const before = await sizeOf(part)
    if (before === total) return
    try {
      await transfer(url, part, before > total ? 0 : before, total, options)
      return
    } catch (error) {
      const fault = await storageFault(error, part, total - before, options.freeBytes)
      if (fault instanceof StorageError) throw fault
      const further = (await sizeOf(part)) > before
      if (options.signal?.aborted || error instanceof Refusal || !further || attempt === MAX_ATTEMPTS)
        throw new (error instanceof Refusal ? Error : Unreachable)(describe(url, error), { cause: error })
    }
  }
}

/** An answer that another attempt would not change. */
class Refusal extends Error {}

async function transfer(
  url: string,
  part: string,
  from: number,
  total: number,
  { onBytes, signal, headers }: DownloadOptions,
): Promise<void> {
  const response = await fetch(url, {
    headers: { ...headers, ...(from > 0 ? { range: `bytes=${from}-` } : {}) },
    signal,
  })
  if (!response.ok || !response.body)
    throw new Refusal(`the server answered ${response.status} ${response.statusText}`.trim())
  const start =
    response.status === 206 ? Number(/^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1]) : 0
  if (start !== 0 && start !== from) throw new Refusal(`the server sent bytes from ${start}, asked for from ${from}`)
  const file = await open(part, start > 0 ? 'r+' : 'w')
  try {
    let position = start
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      if (position + chunk.byteLength > total)
        throw new Refusal(`the server sends more than the ${total} bytes expected`)
      await file.write(chunk, 0, chunk.byteLength, position)
      position += chunk.byteLength
      onBytes?.(position)
    }
    if (position < total) throw new Error(`the transfer ended at byte ${position} of ${total}`)
  } finally {
    await file.close()
  }
}

/** `fetch` hides what went wrong in `cause`. */
function describe(url: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : ''
  return `${url}: ${message}${cause}`
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => null))?.size ?? 0
}
