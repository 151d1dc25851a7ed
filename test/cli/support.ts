/** What tests of the server's parts share: a log that is kept, and an app's answers without a port. */
import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express'
import { pino, type Logger } from 'pino'
import type { ApiError } from '../../src/serve/index.js'
import { exchange, type Got, type Sent } from '../support/in-process-http.js'

export interface KeptLog {
  log: Logger
  /** What was logged, line by line. */
  lines: Record<string, unknown>[]
}

export function keptLog(): KeptLog {
  const lines: Record<string, unknown>[] = []
  return { log: pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) }), lines }
}

/** What goes out behind these middlewares: `end` where all let the request pass, else the code of their error. */
export function behind(handlers: readonly RequestHandler[], sent?: Sent, end?: RequestHandler): Promise<Got> {
  const app = express()
  for (const handler of handlers) app.use(handler)
  app.use(end ?? ((_req, res) => void res.end('passed')))
  app.use((error: ApiError, _req: Request, res: Response, _next: NextFunction) => {
    res.status(error.status).set(error.headers).end(error.code)
  })
  return exchange(app, sent)
}
