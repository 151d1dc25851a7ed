/** The handler that Express, Connect and plain `http` servers share: reads the body, does what the router decides. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createRouter, type Decision } from '../../src/serve/index.js'
import type { CheckedAdapter } from '../options.js'
import { answerAfterHost } from './host-models.js'
import { discard, jsonBody } from './json-body.js'
import { send, signalOf } from './send.js'

/** Hands a request on to the host, with an error where there was one. */
export type Next = (error?: unknown) => void

/** `next` is who else there is to answer; a plain server has nobody, and gets 404 for what is not ours. */
export type NodeHandler = (request: IncomingMessage & { body?: unknown }, response: ServerResponse, next?: Next) => void

/** Throws `InvalidArgumentError` for a wrong option. */
export function nodeHandler<Request extends IncomingMessage>(
  options: CheckedAdapter<Request>,
  prefix: string,
): (request: Request & { body?: unknown }, response: ServerResponse, next?: Next) => void {
  const router = createRouter(options, prefix)

  async function handle(
    request: Request & { body?: unknown },
    response: ServerResponse,
    next: Next | undefined,
  ): Promise<void> {
    const signal = signalOf(response)
    const decision: Decision = await router.decide({
      method: request.method ?? 'GET',
      target: request.url ?? '/',
      body: () => jsonBody(request, options.maxBodyBytes),
      signal,
      hasHost: next !== undefined,
      whose: options.whose(request, (name) => request.headers[name]?.toString()),
    })
    switch (decision.kind) {
      case 'reply':
        discard(request)
        return send(decision.reply, response, signal)
      case 'error':
        return signal.aborted ? undefined : next!(decision.error)
      case 'host':
        return next!()
      case 'host first':
        return answerAfterHost(request, response, decision, next!)
      case 'gone':
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
