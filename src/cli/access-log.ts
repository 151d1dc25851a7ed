/** Every request's id, and one line in the log when its response has ended. The line holds nothing of what was said. */
import { randomUUID } from 'node:crypto'
import type { RequestHandler } from 'express'
import type { Logger } from 'pino'
import { CALLER } from './api-keys.js'

/** Ids of others go into headers and logs: short, and of harmless characters only. */
const ACCEPTABLE_ID = /^[\w.:-]{1,128}$/

/** Sets `x-request-id` on the response, the client's own where it has one. */
export function accessLog(log: Logger): RequestHandler {
  return (req, res, next) => {
    const given = req.get('x-request-id')
    const requestId = given !== undefined && ACCEPTABLE_ID.test(given) ? given : randomUUID()
    res.set('x-request-id', requestId)
    const began = performance.now()
    // Read now: routers on the way cut the path short.
    const { method, path } = req
    res.once('close', () => {
      const complete = res.writableFinished
      log.info(
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
