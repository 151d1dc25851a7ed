/**
 * Reads a request's body and leaves the same bytes in the stream: whoever comes next in the chain (a parser, a proxy)
 * reads them as if nobody had.
 */
import type { IncomingMessage } from 'node:http'
import { tooLarge } from '../json.js'

/**
 * Resolves with the raw body, or null when the client hung up before sending all of it. The stream is paused
 * afterwards, with every byte still to be read. Throws `ApiError` 413 for a body over `maxBytes`; its bytes are gone
 * then.
 */
export async function peekBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | null> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw dropped(request, maxBytes)
  const body = await readAndRestore(request, maxBytes)
  // A stream with a listener for 'readable' does not flow, and Node notes its leaving a tick late. Wait, so that
  // listeners for 'data' get bytes.
  await new Promise(setImmediate)
  return body
}

function readAndRestore(request: IncomingMessage, maxBytes: number): Promise<Buffer | null> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    const leave = (): void => {
      request.off('readable', onReadable).off('end', onEnd).off('close', onClose).off('error', onClose)
    }
    const onReadable = (): void => {
      for (let chunk: Buffer | null; (chunk = request.read() as Buffer | null) !== null;) {
        chunks.push(chunk)
        bytes += chunk.length
        if (bytes > maxBytes) {
          leave()
          return reject(dropped(request, maxBytes))
        }
      }
      // All bytes are read and 'end' comes a tick later. After 'end' nothing can be put back.
      if (!request.complete || bytes === 0) return
      leave()
      const body = Buffer.concat(chunks)
      request.unshift(body)
      resolve(body)
    }
    const onEnd = (): void => {
      leave()
      resolve(Buffer.alloc(0))
    }
    const onClose = (): void => {
      leave()
      resolve(null)
    }
    request.on('readable', onReadable).on('end', onEnd).on('close', onClose).on('error', onClose)
  })
}

function dropped(request: IncomingMessage, maxBytes: number): Error {
  request.resume()
  return tooLarge(maxBytes)
}
