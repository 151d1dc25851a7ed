/**
 * The Express adapter: a router to mount in a gateway, for Express 4 and 5.
 *
 * ```ts
 * app.use('/v1', sequoia({ engine }))
 * ```
 */
import { Router, type NextFunction, type Request, type Response } from 'express'
import { InvalidArgumentError } from '../../src/errors.js'
import { createGateway, type Endpoint, type GatewayOptions } from '../../src/serve/index.js'
import { discard, jsonBody } from '../node/json-body.js'
import { send, signalOf } from '../node/send.js'

export interface SequoiaOptions extends GatewayOptions {
  /** Largest request body read here, in bytes; default 32 MiB. Bodies that the host has parsed are bounded by the host. */
  maxBodyBytes?: number
}

const OPTIONS: ReadonlySet<string> = new Set(['engine', 'name', 'aliases', 'keepAliveMs', 'onError', 'maxBodyBytes'] satisfies (keyof SequoiaOptions)[])

/**
 * A router with `POST /chat/completions`, `POST /completions`, `GET /models` and `GET /models/:id`.
 *
 * A request for a model it does not serve goes on to the next handler with its body as it came: unread bytes are still in
 * the stream, a parsed `req.body` is untouched. Works before or after `express.json()`. Errors are answered in OpenAI's
 * shape. Throws `InvalidArgumentError` for a wrong option.
 */
export function sequoia(options: SequoiaOptions): Router {
  const unknown = Object.keys(options).find((key) => !OPTIONS.has(key))
  if (unknown) throw new InvalidArgumentError(unknown, `unknown option "${unknown}"; known are ${[...OPTIONS].join(', ')}`)
  if (typeof options.engine?.generate !== 'function') throw new InvalidArgumentError('engine', 'engine must be what openEngine() resolves to; await it first')
  const { maxBodyBytes = 32 * 2 ** 20, ...rest } = options
  const gateway = createGateway(rest)

  function post(endpoint: Endpoint) {
    return async (req: Request, res: Response, next: NextFunction): Promise<void> => {
      const signal = signalOf(res)
      const read = await jsonBody(req, maxBodyBytes).then((body) => ({ body }), (error: unknown) => ({ error }))
      if ('error' in read) return send(gateway.refuse(read.error), res, signal)
      if (signal.aborted) return
      if (!gateway.serves(read.body)) return next()
      discard(req)
      await send(await gateway.answer(endpoint, read.body, signal), res, signal)
    }
  }

  const router = Router()
  router.post('/chat/completions', post('chat'))
  router.post('/completions', post('completions'))
  router.get('/models', (_req, res) => send(gateway.listModels(), res, signalOf(res)))
  router.get('/models/:id', (req, res, next) => {
    const reply = gateway.model(req.params.id)
    return reply ? send(reply, res, signalOf(res)) : next()
  })
  return router
}
