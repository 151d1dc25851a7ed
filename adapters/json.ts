/** Turns the bytes of a request body into the value they spell, whatever framework they came through. */
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate } from 'node:zlib'
import { parseJsonInTurns, TooMuchJson } from '../src/common/json/index.js'
import { ApiError } from '../src/serve/index.js'
import { show } from '../src/spec/show.js'

const BYTE_ORDER_MARK = 0xfeff

const inflaters: Readonly<
  Record<string, (bytes: Uint8Array, options: { maxOutputLength: number }) => Promise<Buffer>>
> = {
  gzip: promisify<Uint8Array, { maxOutputLength: number }, Buffer>(gunzip),
  deflate: promisify<Uint8Array, { maxOutputLength: number }, Buffer>(inflate),
  br: promisify<Uint8Array, { maxOutputLength: number }, Buffer>(brotliDecompress),
}

/**
 * Throws `ApiError` 415 unless the type is JSON: browsers send other types across origins without asking, so any page
 * could call a server that took them.
 */
export function checkJsonType(type: string = ''): void {
  if (/^application\/([\w.-]+\+)?json\s*(;|$)/i.test(type)) return
  throw new ApiError(
    415,
    'unsupported_media_type',
    `send the body as content-type: application/json; got ${type === '' ? 'none' : show(type)}`,
  )
}

/**
 * The event loop has its turns meanwhile. Throws `ApiError`: 400 for malformed JSON or more values than a request may
 * have, 413 for more than `maxBytes` once inflated, 415 for an unknown content-encoding.
 */
export async function decodeJson(raw: Uint8Array, encoding: string | undefined, maxBytes: number): Promise<unknown> {
  const bytes = await inflated(raw, encoding, maxBytes)
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()
  return parseJson(text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text)
}

/** Throws `ApiError` 400 as `decodeJson`. */
export async function parseJson(text: string): Promise<unknown> {
  try {
    return await parseJsonInTurns(text)
  } catch (error) {
    if (error instanceof TooMuchJson)
      throw new ApiError(400, 'invalid_value', `the request body is too much at once: ${error.message}; send less`)
    throw new ApiError(
      400,
      'invalid_json',
      `the request body is not valid JSON: ${(error as Error).message.slice(0, 120)}`,
    )
  }
}

export function tooLarge(maxBytes: number): ApiError {
  return new ApiError(
    413,
    'request_too_large',
    `the request body is larger than ${maxBytes} bytes; shorten it, or raise maxBodyBytes where the server is set up`,
  )
}

async function inflated(bytes: Uint8Array, encoding: string | undefined, maxBytes: number): Promise<Uint8Array> {
  const name = encoding?.trim().toLowerCase() ?? 'identity'
  if (name === 'identity') return bytes
  if (!Object.hasOwn(inflaters, name))
    throw new ApiError(415, 'unsupported_encoding', `content-encoding must be gzip, deflate or br; got ${show(name)}`)
  try {
    return await inflaters[name](bytes, { maxOutputLength: maxBytes })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new ApiError(
        413,
        'request_too_large',
        `the request body is larger than ${maxBytes} bytes once it is inflated`,
      )
    }
    throw new ApiError(400, 'invalid_body', `the request body is not valid ${name}`)
  }
}
