/**
 * The handler that Express, Connect and plain `http` servers share: finds the route, reads the body, sends the reply.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { ApiError, createGateway, modelNotFound, type Endpoint, type Reply } from '../../src/serve/index.js'
import type { CheckedAdapter } from '../options.js'
import { below, routeOf } from '../routes.js'
import { answerAfterHost } from './host-models.js'
import { discard, jsonBody } from './json-body.js'
import { send, signalOf } from './send.js'

/**
 * Hands a request on to the host, with an error where there was one.
 */
export type Next = (error?: unknown) => void

/** `next` is who else there is to answer; a plain server has nobody, and gets 404 for what is not ours. */
export type NodeHandler = (request: IncomingMessage & { body?: unknown }, response: ServerResponse, next?: Next) => void

export function nodeHandler(options: CheckedAdapter, prefix: string): NodeHandler {
  const gateway = createGateway(options.gateway)

  async function handle(
    request: IncomingMessage & { body?: unknown },
    response: ServerResponse,
    next: Next | undefined,
  ): Promise<void> {
    const path = below(prefix, (request.url ?? '/').replace(/[?#].*$/, ''))
    const route = path === null ? null : routeOf(request.method ?? 'GET', path)
    if (!route)
      return next ? next() : refuse(new ApiError(404, 'not_found', `there is no ${request.method} ${request.url} here`))
    if (route.kind === 'answer') return answer(route.endpoint)
    if (route.kind === 'models') {
      const list = gateway.listModels()
      return next
        ? answerAfterHost(request, response, list, options.models === 'merge', next)
        : send(list, response, signalOf(response))
    }
    if (route.kind === 'openapi')
      return next
        ? answerAfterHost(request, response, gateway.openApi(), false, next)
        : send(gateway.openApi(), response, signalOf(response))
    const model = gateway.model(route.id)
    if (model) return send(model, response, signalOf(response))
    return next ? next() : refuse(modelNotFound(route.id, gateway.models))

    async function answer(endpoint: Endpoint): Promise<void> {
      const signal = signalOf(response)
      const read = await jsonBody(request, options.maxBodyBytes).then(
        (body) => ({ body }),
        (error: unknown) => ({ error }),
      )
      if ('error' in read) return reply(gateway.refuse(read.error), signal)
      if (signal.aborted) return
      if (next && !gateway.serves(read.body)) return next()
      discard(request)
      return reply(await gateway.answer(endpoint, read.body, signal), signal)
    }

    function reply(given: Reply, signal: AbortSignal): Promise<void> | void {
      if (next && options.errors === 'host' && 'error' in given && !signal.aborted) return next(given.error)
      return send(given, response, signal)
    }

    function refuse(error: ApiError): Promise<void> {
      return send(gateway.refuse(error), response, signalOf(response))
    }
  }

  return (request, response, next) => {
    handle(request, response, next).catch((error: unknown) => {
      if (next && !response.headersSent) return next(error)
      options.gateway.onError?.(error)
      response.destroy()
    })
  }
}
