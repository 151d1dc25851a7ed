/** The standalone server: the Express middleware under `/v1`, the playground at `/`, `/healthz` beside them, OpenAI's error shape for all the rest. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { type NextFunction, type Request, type Response } from 'express'
import { sequoia } from '../../adapters/express/index.js'
import { jsonBody } from '../../adapters/node/json-body.js'
import type { Engine } from '../engine/types.js'
import { InvalidArgumentError } from '../errors.js'
import { ApiError, modelNotFound } from '../serve/index.js'
import { playground } from './playground.js'

export interface RunningServer {
  url: string
  /** Takes no new requests, lets those under way finish (30 s at most), and closes every connection. */
  drain(): Promise<void>
}

export interface ServerOptions {
  engine: Engine
  port: number
  host: string
}

const MAX_BODY_BYTES = 32 * 2 ** 20
const DRAIN_MS = 30_000

/** Listens. Throws `InvalidArgumentError` naming `--port` or `--host` where that address cannot be had. */
export async function startServer({ engine, port, host }: ServerOptions): Promise<RunningServer> {
  let draining = false
  const app = express()
  app.disable('x-powered-by')
  app.get('/healthz', (_req, res) => void res.status(draining ? 503 : 200).json({ status: draining ? 'draining' : 'ok', ...engine.usage() }))
  app.use((_req, res, next) => {
    if (draining) return fail(res.set('connection', 'close'), new ApiError(503, 'closing', 'the server is shutting down'))
    res.once('close', () => void (draining && setImmediate(() => server.closeIdleConnections())))
    next()
  })
  app.use(playground())
  app.use('/v1', sequoia({ engine, maxBodyBytes: MAX_BODY_BYTES }))
  app.post(['/v1/chat/completions', '/v1/completions', '/v1/responses'], (req, _res, next) => {
    const refuse = (body: unknown): void => next(modelNotFound((body as { model: string }).model, [engine.info.model]))
    jsonBody(req, MAX_BODY_BYTES).then(refuse, next)
  })
  app.get('/v1/models/:id', (req) => {
    throw modelNotFound(req.params.id, [engine.info.model])
  })
  app.use((req) => {
    throw new ApiError(404, 'not_found', `there is no ${req.method} ${req.path} here`)
  })
  app.use((error: unknown, _req: Request, res: Response, _next: NextFunction) => fail(res, error))

  const server = createServer(app)
  server.listen(port, host)
  await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
    const flag = error.code === 'EADDRINUSE' || error.code === 'EACCES' ? '--port' : '--host'
    throw new InvalidArgumentError(flag, `cannot listen on ${host} port ${port}: ${error.message}; choose another ${flag}`)
  })
  return {
    url: urlOf(server, host),
    drain: async () => {
      draining = true
      const closed = once(server, 'close')
      server.close()
      const late = setTimeout(() => server.closeAllConnections(), DRAIN_MS)
      await closed
      clearTimeout(late)
    },
  }
}

/** Errors of Express itself (an undecodable path) carry a status; whatever else gets here is ours. */
function fail(res: Response, error: unknown): void {
  const status = typeof error === 'object' && error !== null && 'status' in error ? Number(error.status) : 500
  const api = error instanceof ApiError ? error : status < 500 ? new ApiError(status, null, 'the request is malformed') : new ApiError(500, 'internal_error', 'the server failed')
  res.status(api.status).set(api.headers).json(api.body)
}

function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}
