/** `GET /metrics` of the standalone server, where `prom-client` is installed beside the product. */
import type { RequestHandler } from 'express'
import type { Engine } from '../api/types.js'
import { ifInstalled } from '../common/optional.js'
import { ApiError } from '../serve/index.js'

const MISSING = 'metrics need the package prom-client, which is not installed here: npm install prom-client'

/**
 * A handler for the page of these engines' metrics, by the names that label them; it answers 501 where `prom-client` is
 * missing. The engines are listened to from a moment later on.
 */
export function metricsPage(engines: Readonly<Record<string, Engine>>): RequestHandler {
  const opened = ifInstalled('prom-client', () => import('../metrics/index.js')).then(
    (module) => module && module.engineMetrics({ engines }),
  )
  // Whoever asks for the page is told.
  opened.catch(() => undefined)
  return async (_req, res, next) => {
    try {
      const metrics = await opened
      if (!metrics) return next(new ApiError(501, 'not_installed', MISSING))
      const { registry } = metrics
      res.set({ 'content-type': registry.contentType, 'cache-control': 'no-store' }).end(await registry.metrics())
    } catch (error) {
      next(error)
    }
  }
}
