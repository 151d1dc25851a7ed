/**
 * `GET /models` in a host that may list models itself. The host answers first; its list goes out as it is (or with ours
 * added), and only where it would have answered 404 ours takes the place.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterHost, passesHost, type JsonReply } from '../../src/serve/index.js'
import { send, signalOf } from './send.js'

/** Request headers that would keep a host from answering with a whole, plain list. */
const SHORTCUTS = ['accept-encoding', 'if-none-match', 'if-modified-since', 'range']

export function answerAfterHost(
  request: IncomingMessage,
  response: ServerResponse,
  { own, merges }: { own: JsonReply; merges: boolean },
  next: () => void,
): void {
  const signal = signalOf(response)
  const before = response.getHeaders()
  const { writeHead, write, end, flushHeaders } = response
  const held: Buffer[] = []
  let fate: 'open' | 'held' | 'passed' = 'open'
  if (merges) for (const name of SHORTCUTS) delete request.headers[name]

  /** Settled by the status alone, at the host's first byte. */
  function decide(): boolean {
    if (fate === 'open') {
      fate = passesHost(response.statusCode, merges) ? 'passed' : 'held'
      if (fate === 'passed') Object.assign(response, { writeHead, write, end, flushHeaders })
    }
    return fate === 'held'
  }

  function take(chunk: unknown, encoding: unknown): void {
    if (typeof chunk === 'string')
      held.push(Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8'))
    else if (chunk instanceof Uint8Array) held.push(Buffer.from(chunk))
  }

  function release(): void {
    Object.assign(response, { writeHead, write, end, flushHeaders })
    const host = Buffer.concat(held)
    const reply = afterHost({ status: response.statusCode, body: host.toString('utf8') }, own)
    if (!reply) return void response.end(host)
    if (response.statusCode === 404) {
      for (const name of response.getHeaderNames()) response.removeHeader(name)
      for (const [name, value] of Object.entries(before)) if (value !== undefined) response.setHeader(name, value)
    } else for (const name of ['etag', 'content-length', 'transfer-encoding']) response.removeHeader(name)
    response.statusMessage = ''
    void send(reply, response, signal)
  }

  response.writeHead = (status: number, ...rest: unknown[]) => {
    response.statusCode = status
    setHeaders(
      response,
      rest.find((one) => typeof one === 'object'),
    )
    return decide() ? response : writeHead.call(response, status)
  }
  response.flushHeaders = () => void (decide() || flushHeaders.call(response))
  response.write = (chunk: unknown, encoding?: unknown, done?: unknown) => {
    if (!decide()) return Reflect.apply(write, response, [chunk, encoding, done])
    take(chunk, encoding)
    const called = [encoding, done].find((one) => typeof one === 'function')
    if (called) process.nextTick(called as () => void)
    return true
  }
  response.end = (chunk?: unknown, encoding?: unknown, done?: unknown) => {
    if (!decide()) return Reflect.apply(end, response, [chunk, encoding, done])
    take(chunk, encoding)
    release()
    return response
  }
  next()
}

/** `writeHead` takes headers as an object or as a flat list of names and values. */
function setHeaders(response: ServerResponse, headers: unknown): void {
  if (Array.isArray(headers))
    for (let i = 0; i < headers.length; i += 2) response.setHeader(String(headers[i]), headers[i + 1])
  else
    for (const [name, value] of Object.entries(headers ?? {})) if (value !== undefined) response.setHeader(name, value)
}
