/** Finds the JSON body of a request, whether or not the host has parsed it already. */
import type { IncomingMessage } from 'node:http'
import { checkJsonType, decodeJson, parseJson } from '../json.js'
import { peekBody } from './peek-body.js'

/**
 * The parsed body, or undefined when the client hung up. Where nobody has read the stream yet, its bytes stay in it for
 * others; `discard` drops them once the request is ours.
 * Throws `ApiError`: 400 for malformed JSON, 413 for a body over `maxBytes`, 415 for one that is not JSON.
 */
export async function jsonBody(request: IncomingMessage & { body?: unknown }, maxBytes: number): Promise<unknown> {
  if (isParsed(request))
    return typeof request.body === 'string' || Buffer.isBuffer(request.body)
      ? parseJson(String(request.body))
      : request.body
  checkJsonType(request.headers['content-type'])
  if (request.readableEnded)
    throw new Error(
      'another handler has read the request body without setting req.body; mount sequoia() before it, or set req.body',
    )
  const raw = await peekBody(request, maxBytes)
  return raw === null ? undefined : decodeJson(raw, request.headers['content-encoding'], maxBytes)
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
