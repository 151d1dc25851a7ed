/**
 * One engine as an OpenAI endpoint, without a web framework: a parsed body in, a `Reply` out. Adapters carry bodies in
 * and replies out and decide nothing.
 */
import type { GenerateRequest, Generates } from '../api/types.js'
import { Turns } from '../common/turns.js'
import { InvalidArgumentError } from '../spec/errors.js'
import { show } from '../spec/show.js'
import { streamAnswer, wholeAnswer } from './run-call.js'
import { ApiError, modelNotFound, toApiError, type ErrorBody } from './api-error.js'
import type { Call, Served } from './call.js'
import { parseChat } from './chat-request.js'
import { parseCompletion } from './completion-request.js'
import type { Endpoint } from './endpoint.js'
import { streamResponse, wholeResponse } from './response-answer.js'
import { openApi } from './openapi/document.js'
import { parseResponse } from './response-request.js'
import { events, settledWithin, SSE_HEADERS } from './sse.js'
import { wireSampling, wireWords, type WireWords } from './wire-names.js'

/** One JSON body; for a fault, also the error it words, for hosts that word errors themselves. */
export interface JsonReply {
  status: number
  headers: Readonly<Record<string, string>>
  body: object
  error?: ApiError
}

/** What to send: one JSON body, or events as they come. */
export type Reply =
  | JsonReply
  | { status: number; headers: Readonly<Record<string, string>>; events: AsyncGenerator<string, void, undefined> }

/** The engine behind the endpoints, and the names that it is served under. */
export interface GatewayOptions {
  /** What `openEngine` or `remoteEngine` resolved to. */
  engine: Generates
  /** Name to serve the model under; default: the engine's. */
  name?: string
  /** Further names for the same model. */
  aliases?: readonly string[]
  /** A comment goes out on a stream that was silent for this long, so that no proxy gives it up; default 15,000. */
  keepAliveMs?: number
  /** Told of failures that the client sees only as "internal error"; default: printed on standard error. */
  onError?: (error: unknown) => void
}

/** Whose request it is, how urgent, of which conversation, and its name in logs: what no body says. */
export type Whose = Pick<GenerateRequest, 'caller' | 'urgency' | 'session' | 'requestId'>

export interface Gateway {
  readonly models: readonly string[]
  /**
   * Whether this gateway answers for the model that `body` asks for; a body that names none counts as ours to refuse.
   */
  serves(body: unknown): boolean
  /** Never throws: faults are replies too. */
  answer(endpoint: Endpoint, body: unknown, signal: AbortSignal, whose?: Whose): Promise<Reply>
  listModels(): JsonReply
  /** OpenAPI's description of the routes. */
  openApi(): JsonReply
  /** Null for a model that is not served. */
  model(id: string): JsonReply | null
  /** Words any error as a reply in OpenAI's shape. */
  refuse(error: unknown): JsonReply
}

const PARSE: Readonly<Record<Endpoint, (body: unknown, served: Served) => Call>> = {
  chat: parseChat,
  completions: parseCompletion,
  responses: parseResponse,
}

/**
 * A stream's headers go out this long after its request was accepted, even if no token is there yet; until then an
 * error still gets its own status.
 */
const HEADERS_WITHIN_MS = 100

export function createGateway({
  engine,
  name = engine.info.model,
  aliases = [],
  keepAliveMs = 15_000,
  onError = report,
}: GatewayOptions): Gateway {
  const models = [name, ...aliases]
  if (models.some((model) => typeof model !== 'string' || model === '')) {
    throw new InvalidArgumentError('name', `name and aliases must be non-empty strings; got ${show(models)}`)
  }
  const created = Math.floor(Date.now() / 1000)
  let described: JsonReply | undefined

  async function run(call: Call, words: WireWords, signal: AbortSignal): Promise<Reply> {
    const isResponse = call.endpoint === 'responses'
    if (!call.stream) return json(200, await (isResponse ? wholeResponse : wholeAnswer)(engine, call, signal))
    let accept = (): void => {}
    const accepted = new Promise<void>((resolve) => (accept = resolve))
    const { events: chunks, failed } = isResponse
      ? streamResponse(engine, call, signal, accept)
      : { events: streamAnswer(engine, call, signal, accept), failed: (body: ErrorBody) => body }
    const first: Promise<IteratorResult<object, void>> = chunks.next()
    await Promise.race([first, accepted])
    if (await settledWithin(first, HEADERS_WITHIN_MS)) await first
    const toEvent = (error: unknown): object => failed(fault(error, words).body)
    return {
      status: 200,
      headers: SSE_HEADERS,
      events: events(resumed(first, chunks), { keepAliveMs, toEvent, named: isResponse }),
    }
  }

  function assertChoices(n: number): void {
    const { maxRequests } = engine.info
    if (n <= maxRequests) return
    const message = `n must be at most ${maxRequests}, as many answers as this server can hold at once; got ${n}`
    throw new ApiError(400, 'invalid_value', message, 'n')
  }

  function fault(error: unknown, words?: WireWords): ApiError {
    const api = toApiError(error, words)
    if (api.status >= 500 && api.code === 'internal_error') onError(error)
    return api
  }

  function refuse(error: unknown, words?: WireWords): JsonReply {
    const api = fault(error, words)
    return { status: api.status, headers: api.headers, body: api.body, error: api }
  }

  function modelObject(id: string): object {
    const { maxContext, sampling } = engine.info
    return {
      id,
      object: 'model',
      created,
      owned_by: 'sequoia-onnx',
      context_length: maxContext,
      sampling_defaults: wireSampling(sampling),
    }
  }

  return {
    models,
    serves: (body) => {
      const model = modelOf(body)
      return model === undefined || models.includes(model)
    },
    answer: async (endpoint, body, signal, whose) => {
      const words = wireWords(endpoint, body)
      try {
        const model = modelOf(body)
        if (model !== undefined && !models.includes(model)) throw modelNotFound(model, models)
        const turns = new Turns()
        const call = PARSE[endpoint](body, engine.info)
        // To check it may have been a good part of what an event loop may be held for.
        if (turns.due) await turns.next()
        assertChoices(call.n)
        return await run({ ...call, request: { ...call.request, ...whose } }, words, signal)
      } catch (error) {
        return refuse(error, words)
      }
    },
    openApi: () => (described ??= json(200, openApi(models))),
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
function resumed<T>(
  first: Promise<IteratorResult<T, void>>,
  rest: AsyncGenerator<T, void, undefined>,
): AsyncIterator<T, void, undefined> {
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
