/**
 * The Hono adapter: the fetch handler as a middleware. Hono's context is known by its shape, so nothing is imported.
 *
 * ```ts
 * app.use(honoSequoia({ engine }))
 * ```
 */
import { fetchHandler } from '../fetch/handler.js'
import { checkAdapter, checkPrefix, type AdapterOptions, type PrefixOption } from '../options.js'

/** Options of the middleware. */
export type SequoiaOptions = AdapterOptions<Request> & PrefixOption

/** What is used of Hono's `Context`. */
export interface HonoContext {
  req: { raw: Request; arrayBuffer(): Promise<ArrayBuffer> }
  get res(): Response
  set res(response: Response | undefined)
  newResponse(body: ReadableStream | null, init: Response): Response
}

/** What `app.use` of Hono takes. */
export type HonoMiddleware = (context: HonoContext, next: () => Promise<void>) => Promise<Response | void>

/**
 * A middleware for `app.use(honoSequoia({ engine }))`; `prefix` is the whole path of our routes, wherever it is
 * mounted. What is not ours goes on with its body unread; errors reach `app.onError` with `errors: 'host'`. Throws
 * `InvalidArgumentError` for a wrong option.
 */
export function honoSequoia(options: SequoiaOptions): HonoMiddleware {
  const handle = fetchHandler(checkAdapter(options, ['prefix']), checkPrefix(options.prefix))
  return async (context, next) => {
    // `newResponse` adds what the host has set by `context.header` so far. A copy: what its next handler sets joins it.
    const { headers } = context.newResponse(null, new Response())
    let handedOn = false
    const response = await handle(await unread(context), async () => {
      handedOn = true
      await next()
      return context.res
    })
    if (!handedOn) return context.newResponse(response.body, response)
    if (response === context.res) return
    for (const [name, value] of response.headers) headers.set(name, value)
    // Unset first, or Hono would copy the headers of the host's response to ours.
    context.res = undefined
    context.res = new Response(response.body, { status: response.status, headers })
  }
}

/** Where the host has parsed the body already, Hono keeps it; the raw request cannot be read twice. */
async function unread({ req }: HonoContext): Promise<Request> {
  const { raw } = req
  if (!raw.bodyUsed) return raw
  return new Request(raw.url, {
    method: raw.method,
    headers: raw.headers,
    body: await req.arrayBuffer(),
    signal: raw.signal,
  })
}
