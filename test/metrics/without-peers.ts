/**
 * Run in a process of its own where no optional peer can be imported; prints what decoding and the page of metrics come
 * to.
 */
import express from 'express'
import { register } from 'node:module'
import { metricsPage } from '../../src/cli/metrics.js'
import { openEngine } from '../../src/index.js'
import { collect } from '../support/equality.js'
import { listen } from '../support/http-app.js'

const hook = `export async function resolve(name, context, next) {
  if (['prom-client', '@opentelemetry/api'].includes(name))
    throw Object.assign(new Error("Cannot find package '" + name + "'"), { code: 'ERR_MODULE_NOT_FOUND' })
  return next(name, context)
}`
register(`data:text/javascript,${encodeURIComponent(hook)}`)

async function main(): Promise<void> {
  const engine = await openEngine({ target: 'micro' })
  const { tokens } = await collect(engine, { prompt: 'This package is', maxTokens: 5, ignoreEos: true })
  const app = express().get('/metrics', metricsPage({ micro: engine }, false))
  app.use(
    (
      error: { status: number; body: object },
      _req: express.Request,
      res: express.Response,
      _next: express.NextFunction,
    ) => void res.status(error.status).json(error.body),
  )
  const { url, close } = await listen(app)
  const response = await fetch(`${url}/metrics`)
  process.stdout.write(JSON.stringify({ tokens: tokens.length, status: response.status, ...(await response.json()) }))
  await close()
  await engine.close()
}
void main()
