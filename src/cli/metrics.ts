/** `GET /metrics` of the standalone server, where `prom-client` is installed beside the product. */
import type { RequestHandler } from 'express'
import type { Engine } from '../engine/types.js'
import { ApiError } from '../serve/index.js'

const MISSING = 'metrics need the package prom-client, which is not installed here: npm install prom-client'

/** A handler for the page of these engines' metrics, by the names that label them; it answers 501 where `prom-client` is missing. */
export async function metricsPage(engines: Readonly<Record<string, Engine>>): Promise<RequestHandler> {
  const library = await import('../metrics/index.js').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ERR_MODULE_NOT_FOUND' && error.message.includes('prom-client')) return null
    throw error
  })
  if (!library) {
    return (_req, _res, next) => next(new ApiError(501, 'not_installed', MISSING))
  }
  const { registry } = library.engineMetrics({ engines })
  return (_req, res, next) => {
    registry.metrics().then((page) => res.set({ 'content-type': registry.contentType, 'cache-control': 'no-store' }).end(page), next)
  }
}
