/**
 * Decides what a request is: which route, whose it is (ours, or the host's next handler's), and how our list of models
 * goes together with the host's. An adapter reads a body and sends a reply as it is told here.
 */
import { ApiError, modelNotFound } from './api-error.js'
import type { Endpoint } from './endpoint.js'
import { createGateway, type GatewayOptions, type JsonReply, type Reply, type Whose } from './gateway.js'

/** The POST routes: path to endpoint. */
export const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  '/chat/completions': 'chat',
  '/completions': 'completions',
  '/responses': 'responses',
}

const MODELS = '/models'
const OPENAPI = '/openapi.json'

/** Paths of the GET routes that are always there. */
export const LISTS: readonly string[] = [MODELS, OPENAPI]

export interface RouterOptions {
  gateway: GatewayOptions
  /** Whether faults are answered, or handed to the host as they are. */
  errors: 'answer' | 'host'
  /** Whether the host's list of models stays as it is, or has ours added. */
  models: 'yield' | 'merge'
}

/** A request as an adapter has it. */
export interface Incoming {
  method: string
  /** The request's target: a path with its query, or a whole address. */
  target: string
  /** Reads the parsed body; undefined: the client is gone. Called at most once, for POST routes only. */
  body(): Promise<unknown>
  /** Aborts when the client leaves. */
  signal: AbortSignal
  /** Whether there is another handler to hand on to. */
  hasHost: boolean
  whose?: Whose
}

export type Decision =
  /** Ours: send this. */
  | { kind: 'reply'; reply: Reply }
  /** Ours, and wrong: the host words the error. */
  | { kind: 'error'; error: ApiError }
  /** Not ours: the host's next handler gets it, its body as it came. */
  | { kind: 'host' }
  /** The host answers first; `afterHost` says what goes out. */
  | { kind: 'host first'; own: JsonReply; merges: boolean }
  /** The client has left while it sent its body. */
  | { kind: 'gone' }

export interface Router {
  decide(request: Incoming): Promise<Decision>
  /** Words an error as `decide` words its own. */
  fault(error: unknown, hasHost: boolean): Decision
}

/** Throws `InvalidArgumentError` for a wrong option. `prefix`: the path that our routes lie under. */
export function createRouter({ gateway: options, errors, models }: RouterOptions, prefix: string): Router {
  const gateway = createGateway(options)

  async function answer(endpoint: Endpoint, { body, signal, hasHost, whose }: Incoming): Promise<Decision> {
    const read = await body().then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    )
    if ('error' in read) return fault(read.error, hasHost)
    if (signal.aborted && read.value === undefined) return { kind: 'gone' }
    if (hasHost && !gateway.serves(read.value)) return { kind: 'host' }
    return settled(await gateway.answer(endpoint, read.value, signal, whose), hasHost)
  }

  function settled(reply: Reply, hasHost: boolean): Decision {
    return hasHost && errors === 'host' && 'error' in reply && reply.error
      ? { kind: 'error', error: reply.error }
      : { kind: 'reply', reply }
  }

  function fault(error: unknown, hasHost: boolean): Decision {
    return settled(gateway.refuse(error), hasHost)
  }

  function listed(own: JsonReply, merges: boolean, hasHost: boolean): Decision {
    return hasHost ? { kind: 'host first', own, merges } : { kind: 'reply', reply: own }
  }

  return {
    fault,
    decide: async (request) => {
      const { method, hasHost } = request
      const path = pathOf(request.target)
      const at = below(prefix, path)?.replace(/\/$/, '') ?? null
      const other = (error: ApiError): Decision => (hasHost ? { kind: 'host' } : fault(error, hasHost))
      const unknown = (): Decision => other(new ApiError(404, 'not_found', `there is no ${method} ${path} here`))
      if (at === null) return unknown()
      if (method === 'POST') return Object.hasOwn(ENDPOINTS, at) ? answer(ENDPOINTS[at], request) : unknown()
      if (method !== 'GET' && method !== 'HEAD') return unknown()
      if (at === MODELS) return listed(gateway.listModels(), models === 'merge', hasHost)
      if (at === OPENAPI) return listed(gateway.openApi(), false, hasHost)
      const id = modelOf(at)
      if (id === null) return unknown()
      const model = gateway.model(id)
      return model ? { kind: 'reply', reply: model } : other(modelNotFound(id, gateway.models))
    },
  }
}

/**
 * The path of a request's target. Clients behind a forward proxy send a whole address, which means the same (RFC 9112,
 * 3.2.2).
 */
export function pathOf(target: string): string {
  const path = target.replace(/^https?:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '')
  return path === '' ? '/' : path
}

/** `path` below `prefix`, or null where it lies elsewhere. */
function below(prefix: string, path: string): string | null {
  return path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === '/')
    ? path.slice(prefix.length)
    : null
}

/** The name in `/models/NAME`, or null. */
function modelOf(path: string): string | null {
  const id = /^\/models\/(.+)$/s.exec(path)?.[1]
  try {
    return id === undefined ? null : decodeURIComponent(id)
  } catch {
    return null
  }
}
