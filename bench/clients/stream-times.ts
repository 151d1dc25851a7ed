/**
 * A client in a process of its own, so that its work is not the server's: streams what it is sent, and tells its parent
 * when tokens came.
 */
import { Agent, request } from 'node:http'

export interface StreamAsk {
  url: string
  body: object
}

/** Milliseconds from the request's sending to its first text, and from there to its last. */
export interface StreamTimes {
  firstMs: number
  restMs: number
}

const agent = new Agent({ keepAlive: true })

process.on('message', ({ url, body }: StreamAsk) => {
  const started = performance.now()
  let first = 0
  let last = 0
  const asked = request(url, { method: 'POST', agent, headers: { 'content-type': 'application/json' } }, (reply) => {
    reply.setEncoding('utf8').on('data', (piece: string) => {
      if (!/"text":"[^"]/.test(piece)) return
      last = performance.now()
      first ||= last
    })
    reply.on('end', () => process.send!({ firstMs: first - started, restMs: last - first } satisfies StreamTimes))
  })
  asked.end(JSON.stringify(body))
})
