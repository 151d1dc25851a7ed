/** Every request's id, and one line in the log when its response has ended. The line holds nothing of what was said. */
import { randomUUID } from 'node:crypto'
import type { RequestHandler } from 'express'
import type { Logger } from 'pino'
import { REQUEST_ID, requestIdOf } from '../serve/index.js'
import { CALLER } from './api-keys.js'

/** Asked every second or so by whoever waits or watches: told at level `debug`, lest they hide all else. */
const PROBES = new Set(['/health/live', '/health/ready'])

/** Sets `x-request-id`, the client's own where it has one, on the response, and on the request for who answers it. */
export function accessLog(log: Logger): RequestHandler {
  return (req, res, next) => {
    const requestId = requestIdOf((name) => req.get(name)) ?? randomUUID()
    req.headers[REQUEST_ID] = requestId
    res.set(REQUEST_ID, requestId)
    const began = performance.now()
    // Read now: routers on the way cut the path short.
    const { method, path } = req
    res.once('close', () => {
      const complete = res.writableFinished
      log[PROBES.has(path) ? 'debug' : 'info'](
        {
          requestId,
          method,
          path,
          status: res.statusCode,
          ms: Math.round(performance.now() - began),
          caller: res.locals[CALLER],
          ...(!complete && { left: true }),
        },
        'request',
      )
    })
    next()
  }
}
