/**
 * The Express adapter: a middleware to mount in a gateway, for Express 4 and 5.
 *
 * ```ts
 * app.use('/v1', sequoia({ engine }))
 * ```
 */
import type { Request, RequestHandler } from 'express'
import { batchRoutes as nodeBatchRoutes, type BatchRouteOptions } from '../node/batch-handler.js'
import { nodeHandler } from '../node/handler.js'
import { checkAdapter, type AdapterOptions } from '../options.js'

/** Options of the middleware. */
export type SequoiaOptions = AdapterOptions<Request>
export { ApiError } from '../../src/serve/index.js'

/**
 * A middleware with `POST /chat/completions`, `POST /completions`, `POST /responses`, `GET /models`, `GET /models/:id`
 * and `GET /openapi.json` below the place it is mounted at.
 *
 * A request for a model it does not serve goes on to the next handler with its body as it came: unread bytes are still
 * in the stream, a parsed `req.body` is untouched. Works before or after `express.json()`. Errors are answered in
 * OpenAI's shape, or handed to the host's error handler (`errors: 'host'`). Throws `InvalidArgumentError` for a wrong
 * option.
 */
export function sequoia(options: SequoiaOptions): RequestHandler {
  return nodeHandler(checkAdapter(options), '')
}

/**
 * A middleware with `/files` and `/batches` below the place it is mounted at, as OpenAI's clients use them; everything
 * else goes on. `batches` is what `openBatches` resolved to; `owner` says whose files and batches a request sees.
 * Throws `InvalidArgumentError` where `batches` is something else.
 */
export function batchRoutes(options: BatchRouteOptions<Request>): RequestHandler {
  return nodeBatchRoutes(options)
}
