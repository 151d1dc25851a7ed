/** `/files` and `/batches` for Express, Connect and plain `http` servers; other paths go on. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { Readable } from 'node:stream'
import type { BatchService } from '../../src/scale/batch-service.js'
import { InvalidArgumentError } from '../../src/spec/errors.js'
import { toApiError, type Reply } from '../../src/serve/index.js'
import { jsonBody } from './json-body.js'
import type { Next } from './handler.js'
import { send, signalOf } from './send.js'

/** Which batches the routes serve, and whose each request sees. */
export interface BatchRouteOptions<Request extends IncomingMessage = IncomingMessage> {
  /** What `openBatches` resolved to. */
  batches: BatchService
  /** Whose files and batches a request sees; default: everybody's are one. */
  owner?: (request: Request) => string
  /** Told of failures that the client sees only as "internal error"; default: printed on standard error. */
  onError?: (error: unknown) => void
}

/** JSON bodies are small here: an id and some metadata. */
const MOST_JSON_BYTES = 2 ** 20

/**
 * A handler for what lies at the place it is mounted at. Throws `InvalidArgumentError` where `batches` is not what
 * `openBatches` resolved to.
 */
export function batchRoutes<Request extends IncomingMessage = IncomingMessage>({
  batches,
  owner = () => '',
  onError = (error) => console.error('sequoia:', error),
}: BatchRouteOptions<Request>): (request: Request, response: ServerResponse, next: Next) => void {
  if (typeof batches?.api?.route !== 'function')
    throw new InvalidArgumentError('batches', 'batches must be what openBatches() resolves to; await it first')
  const { api } = batches

  async function handle(request: Request, response: ServerResponse, next: Next): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://host')
    const method = request.method ?? 'GET'
    const answer = api.route(method, pathname)
    if (!answer) return next()
    const signal = signalOf(response)
    const asked = {
      query: searchParams,
      owner: owner(request),
      contentType: request.headers['content-type'] ?? '',
      body: request as AsyncIterable<Uint8Array>,
      json: () => jsonBody(request, MOST_JSON_BYTES),
    }
    const reply = await answer(asked).catch((error: unknown): Reply => {
      const { status, headers, body, code } = toApiError(error)
      if (code === 'internal_error') onError(error)
      return { status, headers, body }
    })
    request.resume()
    if (!('content' in reply)) return send(reply, response, signal)
    response.writeHead(reply.status, reply.headers)
    if (method === 'HEAD') return void response.end()
    await pipeline(Readable.from(reply.content), response).catch((error: NodeJS.ErrnoException) => {
      // The client left. `signal` would not tell: `pipeline` closes the response where the content fails as well.
      if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
    })
  }
  return (request, response, next) => {
    handle(request, response, next).catch((error: unknown) => {
      onError(error)
      response.destroy()
    })
  }
}
