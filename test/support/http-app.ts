/** Serves an Express app on a free loopback port for the length of a test. */
import type { Server } from 'node:http'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Listening {
  url: string
  server: Server
  close(): Promise<void>
}

export async function listen(app: RequestListener): Promise<Listening> {
  const server = createServer(app)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/** Posts JSON; `body` may be raw text or bytes. */
export function post(
  url: string,
  body: object | string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<Response> {
  const raw = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body)
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: raw as BodyInit,
  })
}

/** Resolves when `holds` does, checked once a turn of the event loop; rejects after `withinMs`. */
export async function eventually(holds: () => boolean, withinMs = 5000): Promise<void> {
  const end = Date.now() + withinMs
  while (!holds()) {
    if (Date.now() > end) throw new Error(`did not come true within ${withinMs} ms: ${holds}`)
    await new Promise(setImmediate)
  }
}
