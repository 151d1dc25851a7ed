/**
 * A WHATWG handler: a `Request` in, a `Response` out; the same in Node, Bun and Deno, and under frameworks that speak
 * `Request`.
 */
import {
  ApiError,
  createGateway,
  modelNotFound,
  type Endpoint,
  type JsonReply,
  type Reply,
} from '../../src/serve/index.js'
import { mergedModels } from '../merge-models.js'
import type { CheckedAdapter } from '../options.js'
import { below, routeOf } from '../routes.js'
import { discard, readJson } from './read-json.js'
import { toResponse } from './to-response.js'

/** `next` is who else there is to answer, and gets the request unread; without it what is not ours is answered 404. */
export type FetchHandler = (request: Request, next?: () => Response | Promise<Response>) => Promise<Response>

export function fetchHandler(options: CheckedAdapter, prefix: string): FetchHandler {
  const gateway = createGateway(options.gateway)

  return async (request, next) => {
    const { pathname } = new URL(request.url)
    const path = below(prefix, pathname)
    const route = path === null ? null : routeOf(request.method, path)
    if (!route)
      return next
        ? next()
        : respond(gateway.refuse(new ApiError(404, 'not_found', `there is no ${request.method} ${pathname} here`)))
    if (route.kind === 'answer') return answer(route.endpoint)
    if (route.kind === 'models')
      return next
        ? afterHost(await next(), gateway.listModels(), options.models === 'merge')
        : respond(gateway.listModels())
    if (route.kind === 'openapi')
      return next ? afterHost(await next(), gateway.openApi(), false) : respond(gateway.openApi())
    const model = gateway.model(route.id)
    if (model) return respond(model)
    return next ? next() : respond(gateway.refuse(modelNotFound(route.id, gateway.models)))

    async function answer(endpoint: Endpoint): Promise<Response> {
      const read = await readJson(request, options.maxBodyBytes, next !== undefined).then(
        (body) => ({ body }),
        (error: unknown) => ({ error }),
      )
      if (next && 'body' in read && !gateway.serves(read.body)) return next()
      discard(request)
      if ('error' in read) return respond(gateway.refuse(read.error))
      const controller = new AbortController()
      const leave = (): void => controller.abort(new Error('the client closed the connection'))
      if (request.signal.aborted) leave()
      request.signal.addEventListener('abort', leave)
      return respond(await gateway.answer(endpoint, read.body, controller.signal), controller)
    }

    function respond(reply: Reply, controller = new AbortController()): Response {
      if (next && options.errors === 'host' && 'error' in reply && reply.error) throw reply.error
      return toResponse(reply, controller)
    }
  }
}

/** The host's list as it is, or with ours; ours alone where it has none. */
async function afterHost(host: Response, own: JsonReply, merge: boolean): Promise<Response> {
  if (host.status === 404) {
    await host.body?.cancel()
    return toResponse(own, new AbortController())
  }
  if (!merge || host.status !== 200) return host
  const body = mergedModels(await host.clone().text(), own.body)
  return body ? toResponse({ ...own, body }, new AbortController()) : host
}
