/**
 * The adapter for plain `http` servers, and for anything that takes `(request, response, next)`: Connect, Polka, Vite.
 *
 * ```ts
 * createServer(sequoia({ engine })).listen(3000)
 * ```
 */
import type { IncomingMessage } from 'node:http'
import { checkAdapter, checkPrefix, type AdapterOptions, type PrefixOption } from '../options.js'
import { nodeHandler, type NodeHandler } from './handler.js'

/** Options of the handler. */
export type SequoiaOptions = AdapterOptions<IncomingMessage> & PrefixOption
export type { Next, NodeHandler } from './handler.js'
export { ApiError } from '../../src/serve/index.js'

/**
 * A handler with `POST /chat/completions`, `POST /completions`, `POST /responses`, `GET /models`, `GET /models/:id` and
 * `GET /openapi.json` below `prefix`. What is not ours goes to `next`, its body as it came; called without a `next` it
 * answers 404 itself. Throws `InvalidArgumentError` for a wrong option.
 */
export function sequoia(options: SequoiaOptions): NodeHandler {
  return nodeHandler(checkAdapter(options, ['prefix']), checkPrefix(options.prefix))
}
