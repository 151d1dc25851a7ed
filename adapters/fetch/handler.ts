/**
 * A WHATWG handler: a `Request` in, a `Response` out; the same in Node, Bun and Deno, and under frameworks that speak
 * `Request`. It reads the body and does what the router decides.
 */
import { afterHost, createRouter, passesHost, type JsonReply } from '../../src/serve/index.js'
import type { CheckedAdapter } from '../options.js'
import { discard, readJson } from './read-json.js'
import { toResponse } from './to-response.js'

/** `next` is who else there is to answer, and gets the request unread; without it what is not ours is answered 404. */
export type FetchHandler = (request: Request, next?: () => Response | Promise<Response>) => Promise<Response>

/** Throws `InvalidArgumentError` for a wrong option. */
export function fetchHandler(options: CheckedAdapter<Request>, prefix: string): FetchHandler {
  const router = createRouter(options, prefix)

  return async (request, next) => {
    const hasHost = next !== undefined
    const controller = new AbortController()
    const leave = (): void => controller.abort(new Error('the client closed the connection'))
    if (request.signal.aborted) leave()
    request.signal.addEventListener('abort', leave)
    const decision = await router.decide({
      method: request.method,
      target: request.url,
      body: () => readJson(request, options.maxBodyBytes, hasHost),
      signal: controller.signal,
      hasHost,
      whose: options.whose(request, (name) => request.headers.get(name)),
    })
    switch (decision.kind) {
      case 'reply':
        discard(request)
        return toResponse(decision.reply, controller)
      case 'error':
        discard(request)
        throw decision.error
      case 'host':
        return next!()
      case 'host first':
        return hostFirst(await next!(), decision)
      case 'gone':
        return Response.error()
    }
  }
}

async function hostFirst(host: Response, { own, merges }: { own: JsonReply; merges: boolean }): Promise<Response> {
  if (passesHost(host.status, merges)) return host
  const reply = afterHost({ status: host.status, body: await host.clone().text() }, own)
  if (!reply) return host
  await host.body?.cancel()
  return toResponse(reply, new AbortController())
}
