/**
 * The adapter for everything that speaks `Request` and `Response`: Bun, Deno, Next.js route handlers, and Hono.
 *
 * ```ts
 * Bun.serve({ fetch: sequoia({ engine }) })
 * app.use(honoSequoia({ engine }))      // Hono
 * ```
 */
import { checkAdapter, checkPrefix, type AdapterOptions, type PrefixOption } from '../options.js'
import { fetchHandler, type FetchHandler } from './handler.js'

/** Options of the handler. */
export type SequoiaOptions = AdapterOptions<Request> & PrefixOption
export type { FetchHandler } from './handler.js'
export { honoSequoia, type HonoContext, type HonoMiddleware } from '../hono/index.js'
export { ApiError } from '../../src/serve/index.js'

/**
 * A handler with `POST /chat/completions`, `POST /completions`, `POST /responses`, `GET /models`, `GET /models/:id` and
 * `GET /openapi.json` below `prefix`. A request that is not ours is answered by `next`, if one is given, which finds
 * its body unread; else with 404. Throws `InvalidArgumentError` for a wrong option.
 */
export function sequoia(options: SequoiaOptions): FetchHandler {
  return fetchHandler(checkAdapter(options, ['prefix']), checkPrefix(options.prefix))
}
