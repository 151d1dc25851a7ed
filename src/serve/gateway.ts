/**
 * One engine as an OpenAI endpoint, without a web framework: a parsed body in, a `Reply` out. Adapters carry bodies in and
 * replies out and decide nothing.
 */
import type { Engine } from '../engine/types.js'
import { InvalidArgumentError } from '../errors.js'
import { streamAnswer, wholeAnswer } from './answer.js'
import { ApiError, modelNotFound, toApiError } from './api-error.js'
import type { Call } from './call.js'
import { parseChat } from './chat-request.js'
import { parseCompletion } from './completion-request.js'
import { events, settledWithin, SSE_HEADERS } from './sse.js'

export type Endpoint = Call['endpoint']

/** One JSON body; for a fault, also the error it words, for hosts that word errors themselves. */
export interface JsonReply {
  status: number
  headers: Readonly<Record<string, string>>
  body: object
  error?: ApiError
}

/** What to send: one JSON body, or events as they come. */
export type Reply = JsonReply | { status: number; headers: Readonly<Record<string, string>>; events: AsyncGenerator<string, void, undefined> }

export interface GatewayOptions {
  engine: Engine
  /** Name to serve the model under; default: the engine's. */
  name?: string
  /** Further names for the same model. */
  aliases?: readonly string[]
  /** A comment goes out on a stream that was silent for this long, so that no proxy gives it up; default 15,000. */
  keepAliveMs?: number
  /** Told of failures that the client sees only as "internal error"; default: printed on standard error. */
  onError?: (error: unknown) => void
}

export interface Gateway {
  readonly models: readonly string[]
  /** Whether this gateway answers for the model that `body` asks for; a body that names none counts as ours to refuse. */
  serves(body: unknown): boolean
  /** Never throws: faults are replies too. */
  answer(endpoint: Endpoint, body: unknown, signal: AbortSignal): Promise<Reply>
  listModels(): JsonReply
  /** Null for a model that is not served. */
  model(id: string): JsonReply | null
  /** Words any error as a reply in OpenAI's shape. */
  refuse(error: unknown): JsonReply
}

/** A stream's headers go out after this even if no token is there yet; until then an error still gets its own status. */
const HEADERS_WITHIN_MS = 100

export function createGateway({ engine, name = engine.info.model, aliases = [], keepAliveMs = 15_000, onError = report }: GatewayOptions): Gateway {
  const models = [name, ...aliases]
  if (models.some((model) => typeof model !== 'string' || model === '')) {
    throw new InvalidArgumentError('name', `name and aliases must be non-empty strings; got ${JSON.stringify(models)}`)
  }
  const created = Math.floor(Date.now() / 1000)

  async function run(call: Call, signal: AbortSignal): Promise<Reply> {
    if (!call.stream) return json(200, await wholeAnswer(engine, call, signal))
    const chunks = streamAnswer(engine, call, signal)
    const first = chunks.next()
    if (await settledWithin(first, HEADERS_WITHIN_MS)) await first
    const toBody = (error: unknown) => fault(error).body
    return { status: 200, headers: SSE_HEADERS, events: events(resumed(first, chunks), { keepAliveMs, toBody }) }
  }

  function fault(error: unknown, promptField?: string): ApiError {
    const api = toApiError(error, promptField)
    if (api.status >= 500 && api.code === 'internal_error') onError(error)
    return api
  }

  function refuse(error: unknown, promptField?: string): JsonReply {
    const api = fault(error, promptField)
    return { status: api.status, headers: api.headers, body: api.body, error: api }
  }

  function modelObject(id: string): object {
    return { id, object: 'model', created, owned_by: 'sequoia-onnx', context_length: engine.info.maxContext }
  }

  return {
    models,
    serves: (body) => {
      const model = modelOf(body)
      return model === undefined || models.includes(model)
    },
    answer: async (endpoint, body, signal) => {
      try {
        const model = modelOf(body)
        if (model !== undefined && !models.includes(model)) throw modelNotFound(model, models)
        return await run(endpoint === 'chat' ? parseChat(body, engine.info.maxContext) : parseCompletion(body), signal)
      } catch (error) {
        return refuse(error, endpoint === 'chat' ? 'messages' : 'prompt')
      }
    },
    listModels: () => json(200, { object: 'list', data: models.map(modelObject) }),
    model: (id) => (models.includes(id) ? json(200, modelObject(id)) : null),
    refuse: (error) => refuse(error),
  }
}

function modelOf(body: unknown): string | undefined {
  const model = typeof body === 'object' && body !== null && 'model' in body ? body.model : undefined
  return typeof model === 'string' && model !== '' ? model : undefined
}

function json(status: number, body: object): JsonReply {
  return { status, headers: {}, body }
}

/** The same stream, with a first `next()` that was called already. */
function resumed<T>(first: Promise<IteratorResult<T, void>>, rest: AsyncGenerator<T, void, undefined>): AsyncIterator<T, void, undefined> {
  let pending: Promise<IteratorResult<T, void>> | undefined = first
  return {
    next: () => {
      const next = pending ?? rest.next()
      pending = undefined
      return next
    },
    return: () => rest.return(),
  }
}

function report(error: unknown): void {
  console.error('sequoia:', error)
}
