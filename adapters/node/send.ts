/**
 * Writes a `Reply` to a Node response: one JSON body, or events at the reader's pace until they end or the client
 * leaves.
 */
import type { ServerResponse } from 'node:http'
import type { Reply } from '../../src/serve/index.js'

/** The compression middleware adds `flush`; without it events would wait for a full block. */
type Response = ServerResponse & { flush?: () => void }

/** A signal that aborts when the client leaves before the response is complete. Call it before the first await. */
export function signalOf(response: ServerResponse): AbortSignal {
  const controller = new AbortController()
  response.once('close', () => {
    if (!response.writableFinished) controller.abort(new Error('the client closed the connection'))
  })
  return controller.signal
}

export async function send(reply: Reply, response: Response, signal: AbortSignal): Promise<void> {
  if (!('events' in reply)) {
    if (!signal.aborted) sendJson(reply, response)
    return
  }
  if (!signal.aborted) {
    response.writeHead(reply.status, reply.headers)
    response.flushHeaders()
  }
  // Entered after an abort too: a generator that never began runs no `finally`, and the engine would not let go.
  for await (const event of reply.events) {
    if (signal.aborted) break
    const full = !response.write(event)
    response.flush?.()
    if (full) await drained(response, signal)
  }
  if (!signal.aborted) response.end()
}

function sendJson({ status, headers, body }: Reply & { body: object }, response: Response): void {
  const text = JSON.stringify(body)
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    ...headers,
  })
  response.end(text)
}

function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      response.off('drain', go)
      signal.removeEventListener('abort', go)
      resolve()
    }
    response.on('drain', go)
    signal.addEventListener('abort', go)
    if (signal.aborted) go()
  })
}
