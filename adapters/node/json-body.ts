/** Finds the JSON body of a request, whether or not the host has parsed it already. */
import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate } from 'node:zlib'
import { ApiError } from '../../src/serve/index.js'
import { peekBody } from './peek-body.js'

const inflaters: Readonly<Record<string, (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>>> = {
  gzip: promisify<Buffer, { maxOutputLength: number }, Buffer>(gunzip),
  deflate: promisify<Buffer, { maxOutputLength: number }, Buffer>(inflate),
  br: promisify<Buffer, { maxOutputLength: number }, Buffer>(brotliDecompress),
}

/**
 * The parsed body, or undefined when the client hung up. Where nobody has read the stream yet, its bytes stay in it for
 * others; `discard` drops them once the request is ours.
 * Throws `ApiError`: 400 for malformed JSON, 413 for a body over `maxBytes`, 415 for one that is not JSON.
 */
export async function jsonBody(request: IncomingMessage & { body?: unknown }, maxBytes: number): Promise<unknown> {
  if (isParsed(request)) return typeof request.body === 'string' || Buffer.isBuffer(request.body) ? parse(String(request.body)) : request.body
  const type = request.headers['content-type'] ?? ''
  // Browsers send other types across origins without asking; a JSON API that took them could be called by any page.
  if (!/^application\/([\w.-]+\+)?json\s*(;|$)/i.test(type)) {
    throw new ApiError(415, 'unsupported_media_type', `send the body as content-type: application/json; got ${type === '' ? 'none' : JSON.stringify(type.slice(0, 60))}`)
  }
  if (request.readableEnded) throw new Error('another handler has read the request body without setting req.body; mount sequoia() before it, or set req.body')
  const raw = await peekBody(request, maxBytes)
  return raw === null ? undefined : parse((await inflated(raw, request.headers['content-encoding'], maxBytes)).toString('utf8'))
}

/** Drops what is left of a body that `jsonBody` has returned. */
export function discard(request: IncomingMessage): void {
  request.resume()
}

/** A parser ran, or a host without streams (a cloud function) set `body` itself. */
function isParsed({ body, readableDidRead }: IncomingMessage & { body?: unknown }): boolean {
  if (body === undefined) return false
  return readableDidRead || typeof body !== 'object' || body === null || Object.keys(body).length > 0
}

async function inflated(bytes: Buffer, encoding: string | undefined, maxBytes: number): Promise<Buffer> {
  const name = encoding?.trim().toLowerCase() ?? 'identity'
  if (name === 'identity') return bytes
  if (!Object.hasOwn(inflaters, name)) throw new ApiError(415, 'unsupported_encoding', `content-encoding must be gzip, deflate or br; got ${JSON.stringify(name.slice(0, 60))}`)
  try {
    return await inflaters[name](bytes, { maxOutputLength: maxBytes })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new ApiError(413, 'request_too_large', `the request body is larger than ${maxBytes} bytes once it is inflated`)
    }
    throw new ApiError(400, 'invalid_body', `the request body is not valid ${name}`)
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new ApiError(400, 'invalid_json', `the request body is not valid JSON: ${(error as Error).message.slice(0, 120)}`)
  }
}
