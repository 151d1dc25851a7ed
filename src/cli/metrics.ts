/** `GET /metrics` of the standalone server, where `prom-client` is installed beside the product. */
import type { RequestHandler } from 'express'
import type { Registry } from 'prom-client'
import type { Engine, Generates } from '../api/types.js'
import { ifInstalled } from '../common/optional.js'
import { ApiError } from '../serve/index.js'

const MISSING = 'metrics need the package prom-client, which is not installed here: npm install prom-client'

/**
 * A handler for the page of these engines' metrics, by the names that label them; `vllmNames` adds those that inference
 * gateways read. It answers 501 where `prom-client` is missing. The engines are listened to from a moment later on.
 */
export function metricsPage(engines: Readonly<Record<string, Engine | Generates>>, vllmNames: boolean): RequestHandler {
  const opened = ifInstalled('prom-client', () => import('../metrics/index.js')).then(
    (module) => module && registryOf(module, engines, vllmNames),
  )
  // Whoever asks for the page is told.
  opened.catch(() => undefined)
  return async (_req, res, next) => {
    try {
      const registry = await opened
      if (!registry) return next(new ApiError(501, 'not_installed', MISSING))
      res.set({ 'content-type': registry.contentType, 'cache-control': 'no-store' }).end(await registry.metrics())
    } catch (error) {
      next(error)
    }
  }
}

/** Engines of this process tell all; of those behind a queue the workers know most. */
function registryOf(
  { engineMetrics, queueMetrics, vllmMetrics }: typeof import('../metrics/index.js'),
  engines: Readonly<Record<string, Engine | Generates>>,
  vllmNames: boolean,
): Registry {
  const here = Object.entries(engines).filter((entry): entry is [string, Engine] => 'stats' in entry[1])
  const { registry } =
    here.length > 0 ? engineMetrics({ engines: Object.fromEntries(here) }) : queueMetrics({ engines })
  return vllmNames ? vllmMetrics({ engines, registry }).registry : registry
}
