/** Node's own HTTP server and client over two ends of a pair of streams: real requests and responses, and no port. */
import { createServer, request, type IncomingMessage, type RequestListener } from 'node:http'
import type { Socket } from 'node:net'
import { duplexPair } from 'node:stream'

export interface Sent {
  method?: string
  path?: string
  headers?: Record<string, string>
  body?: string | Uint8Array
}

export interface Got {
  status: number
  headers: IncomingMessage['headers']
  body: string
}

/** What `handler` answers to one request. Rejects where it destroys the connection. */
export function exchange(handler: RequestListener, sent: Sent = {}): Promise<Got> {
  const [client, server] = duplexPair()
  createServer(handler).emit('connection', server)
  return new Promise((resolve, reject) => {
    const { method = 'GET', path = '/', headers = {}, body } = sent
    const createConnection = (): Socket => client as Socket
    const isSized = body !== undefined && !('transfer-encoding' in headers)
    const length = isSized ? { 'content-length': String(Buffer.byteLength(body)) } : {}
    const asked = request({ method, path, headers: { ...length, ...headers }, createConnection })
    server.on('close', () => client.destroy())
    asked.on('error', reject)
    asked.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('error', reject)
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({
          status: response.statusCode!,
          headers: response.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        }),
      )
    })
    asked.end(body)
  })
}

/** A POST of JSON. */
export function jsonPost(path: string, body: object): Sent {
  return { method: 'POST', path, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}
