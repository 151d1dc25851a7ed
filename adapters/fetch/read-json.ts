/** Reads the JSON body of a `Request`, up to a bound. */
import { checkJsonType, decodeJson, tooLarge } from '../json.js'

/**
 * With `keep` a copy is read and the request stays unread for others; `discard` it once it turns out to be ours.
 * Throws `ApiError`: 400 for malformed JSON, 413 for a body over `maxBytes`, 415 for one that is not JSON.
 */
export async function readJson(request: Request, maxBytes: number, keep: boolean): Promise<unknown> {
  checkJsonType(request.headers.get('content-type') ?? undefined)
  if (request.bodyUsed) throw new Error('another handler has read the request body; mount sequoia() before it')
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge(maxBytes)
  const raw = await bytesOf(keep ? request.clone() : request, maxBytes)
  return decodeJson(raw, request.headers.get('content-encoding') ?? undefined, maxBytes)
}

/** Drops a body that was copied, or memory would keep it for a reader to come. */
export function discard(request: Request): void {
  // The copy's share of the stream ends only together with this one, so neither may be waited for.
  if (!request.bodyUsed) request.body?.cancel().catch(() => {})
}

async function bytesOf(request: Request, maxBytes: number): Promise<Uint8Array> {
  const reader = request.body?.getReader()
  const chunks: Uint8Array[] = []
  let bytes = 0
  for (let read = await reader?.read(); read && !read.done; read = await reader!.read()) {
    bytes += read.value.length
    if (bytes > maxBytes) {
      reader!.cancel().catch(() => {})
      throw tooLarge(maxBytes)
    }
    chunks.push(read.value)
  }
  return Buffer.concat(chunks)
}
