/**
 * The Express app of the standalone server, in the order a request meets it: id and log, headers, health, CORS, the
 * page, the key, metrics, the rate limit, a middleware for each model, and OpenAI's error shape for all the rest.
 */
import cors from 'cors'
import express, {
  Router,
  type Express,
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
} from 'express'
import helmet from 'helmet'
import type { Logger } from 'pino'
import { batchRoutes, sequoia } from '../../adapters/express/index.js'
import { jsonBody } from '../../adapters/node/json-body.js'
import type { Engine, Generates } from '../api/types.js'
import { InvalidArgumentError } from '../spec/errors.js'
import { ApiError, ENDPOINTS, modelNotFound } from '../serve/index.js'
import type { BatchService } from '../scale/batch-service.js'
import { accessLog } from './access-log.js'
import { CALLER, requireKey } from './api-keys.js'
import { metricsPage } from './metrics.js'
import type { OnProgress, Progress } from '../common/progress.js'
import { playground } from './playground.js'
import { limitRate, type RateLimiter } from './rate-limit.js'
import type { ServeConfig } from './serve-schema.js'

/** A model, and the names it goes by; default: the engine's own. */
export interface ServedModel {
  engine: Engine | Generates
  name?: string
  aliases?: readonly string[]
}

export interface AppOptions extends Pick<
  ServeConfig,
  'apiKeys' | 'corsOrigins' | 'maxBodyBytes' | 'playground' | 'trustedProxies' | 'vllmMetrics'
> {
  limiter: RateLimiter | null
  log: Logger
}

export interface App {
  handler: Express
  /**
   * Begins to answer; until then `/health/ready` and `/v1` say 503. Called again, it answers for these models from then
   * on. Throws `InvalidArgumentError` where two models share a name. `batches`: files and batches, where they are on.
   */
  serve(models: readonly ServedModel[], batches?: BatchService | null): void
  /** How far loading is: `/health/ready` says it until there is a model. */
  tell: OnProgress
  /** From now on everything but health is refused with 503; resolves when what came before has been answered. */
  drain(): Promise<void>
}

/** What a browser may do with an answer: nothing. The page at `/` has a policy of its own. */
const CONTENT_SECURITY = { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } }

export function serverApp({
  apiKeys,
  corsOrigins,
  maxBodyBytes,
  trustedProxies,
  limiter,
  log,
  vllmMetrics,
  ...options
}: AppOptions): App {
  let state: 'loading' | 'ok' | 'draining' = 'loading'
  let progress: Progress | null = null
  let models: readonly ServedModel[] = []
  let api: RequestHandler = loading
  let metrics: RequestHandler = loading
  const admitted = new Set<Response>()
  let emptied = (): void => {}

  const admit: RequestHandler = (_req, res, next) => {
    if (state === 'draining') return next(new ApiError(503, 'closing', 'the server is shutting down'))
    admitted.add(res)
    res.once('close', () => {
      admitted.delete(res)
      if (admitted.size === 0) emptied()
    })
    next()
  }

  const app = express()
  app.disable('x-powered-by').set('trust proxy', trustedProxies)
  app.use(accessLog(log))
  app.use(
    helmet({
      contentSecurityPolicy: CONTENT_SECURITY,
      crossOriginResourcePolicy: { policy: corsOrigins.length > 0 ? 'cross-origin' : 'same-origin' },
    }),
  )
  app.use((_req, res, next) => {
    // A connection that is kept open would hold up the end.
    if (state === 'draining') res.set('connection', 'close')
    next()
  })
  app.get('/health/live', (_req, res) => void res.json({ status: 'ok' }))
  const health =
    (more: () => object) =>
    async (_req: Request, res: Response): Promise<void> => {
      const status = state === 'ok' ? await statusOf(models) : state
      res.status(status === 'ok' ? 200 : 503).json({ status, ...more() })
    }
  app.get(
    '/health/ready',
    health(() => (state === 'loading' && progress ? { progress } : {})),
  )
  if (corsOrigins.length > 0)
    app.use(
      cors({ origin: corsOrigins.includes('*') ? '*' : corsOrigins, exposedHeaders: ['x-request-id', 'retry-after'] }),
    )
  if (options.playground) app.use(playground())
  app.use(requireKey(apiKeys))
  app.get(
    '/healthz',
    health(() => usageOf(models)),
  )
  app.get('/metrics', (req, res, next) => metrics(req, res, next))
  app.use(admit)
  if (limiter) app.use('/v1', limitRate(limiter))
  app.use('/v1', (req, res, next) => api(req, res, next))
  app.use((req) => {
    throw new ApiError(404, 'not_found', `there is no ${req.method} ${req.path} here`)
  })
  app.use((error: unknown, _req: Request, res: Response, _next: NextFunction) => fail(res, error, log))

  return {
    handler: app,
    tell: (part) => (progress = part),
    serve: (served, batches = null) => {
      const onError = (error: unknown): void => log.error({ err: error }, 'the model failed')
      const router = routerOf(served, maxBodyBytes, onError)
      api = batches ? Router().use(batchRoutes({ batches, owner: callerOf, onError }), router) : router
      metrics = metricsPage(Object.fromEntries(served.map((model) => [nameOf(model), model.engine])), vllmMetrics)
      models = served
      state = 'ok'
    },
    drain: async () => {
      state = 'draining'
      if (admitted.size > 0) await new Promise<void>((resolve) => (emptied = resolve))
    },
  }
}

/** The name of the key that a request came with; '' where there are no keys. */
const callerOf = (req: Request): string => String(req.res?.locals[CALLER] ?? '')

const loading: RequestHandler = (_req, _res, next) =>
  next(new ApiError(503, 'loading', 'the model is being loaded; come again soon'))

export const nameOf = ({ engine, name = engine.info.model }: ServedModel): string => name

/** A middleware for each model: what one does not serve goes on to the next, and from the last to "not found". */
function routerOf(models: readonly ServedModel[], maxBodyBytes: number, onError: (error: unknown) => void): Router {
  const names = models.flatMap((model) => [nameOf(model), ...(model.aliases ?? [])])
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined)
    throw new InvalidArgumentError(
      'models',
      `two models go by the name ${JSON.stringify(twice)}; give one of them another name`,
    )
  const router = Router()
  // A list of models is made from the last to the first, each adding its own behind.
  for (const model of [...models].reverse())
    router.use(sequoia({ ...model, maxBodyBytes, onError, models: 'merge', owner: callerOf }))
  router.post(Object.keys(ENDPOINTS), (req, _res, next) => {
    const refuse = (body: unknown): void => next(modelNotFound((body as { model: string }).model, names))
    jsonBody(req, maxBodyBytes).then(refuse, next)
  })
  router.get('/models/:id', (req) => {
    throw modelNotFound(req.params.id, names)
  })
  return router
}

/** `failing` where a model cannot answer. */
async function statusOf(models: readonly ServedModel[]): Promise<'ok' | 'failing'> {
  const faults = await Promise.all(models.map(({ engine }) => engine.fault()))
  return faults.every((fault) => fault === null) ? 'ok' : 'failing'
}

/** Of all models together. */
function usageOf(models: readonly ServedModel[]): ReturnType<Engine['usage']> {
  const all = models.map(({ engine }) => engine.usage())
  const sum = (of: keyof ReturnType<Engine['usage']>): number => all.reduce((total, usage) => total + usage[of], 0)
  return { slotsUsed: sum('slotsUsed'), slots: sum('slots'), running: sum('running'), waiting: sum('waiting') }
}

/** Of the connection, or of bytes behind the request that are no other: such errors hold what the client sent. */
function isConnections(error: unknown): boolean {
  return (
    typeof error === 'object' && error !== null && 'code' in error && /^(HPE_|ECONN|EPIPE)/.test(String(error.code))
  )
}

/** Errors of Express itself (an undecodable path) carry a status; whatever else gets here is ours. */
function fail(res: Response, error: unknown, log: Logger): void {
  if (isConnections(error)) return void res.destroy()
  const status = typeof error === 'object' && error !== null && 'status' in error ? Number(error.status) : 500
  const api =
    error instanceof ApiError
      ? error
      : status < 500
        ? new ApiError(status, null, 'the request is malformed')
        : new ApiError(500, 'internal_error', 'the server failed')
  if (api.code === 'internal_error') log.error({ err: error }, 'the server failed')
  res.status(api.status).set(api.headers).json(api.body)
}
