/**
 * The standalone server: `app.ts` on a port, from before there is a model, so that whoever started it can see that it
 * lives, to the end of the last answer.
 */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { pino, type Logger } from 'pino'
import { InvalidArgumentError } from '../spec/errors.js'
import { serverApp, type App } from './app.js'
import { openRateLimiter } from './rate-limit.js'
import { serveSchema, type ServeConfig } from './serve-schema.js'

export { nameOf, type ServedModel } from './app.js'

export interface RunningServer extends Pick<App, 'serve' | 'tell'> {
  url: string
  /**
   * Refuses new requests, lets those under way finish, for as long as the settings say, and closes every connection.
   */
  drain(): Promise<void>
}

export type ServerOptions = Partial<Omit<ServeConfig, 'models'>> & { log?: Logger }

/**
 * Longer than proxies keep theirs (60 s mostly): who closes first must not be us, or a request may come in just then.
 */
const KEEP_ALIVE_MS = 75_000
/** For responses that are being sent when the last answer has ended. */
const LAST_WORDS_MS = 250

/** Listens. Throws `InvalidArgumentError` naming `--port` or `--host` where that address cannot be had. */
export async function startServer({
  log = pino({ level: 'silent' }),
  ...options
}: ServerOptions): Promise<RunningServer> {
  const config = serveSchema.parse(options)
  const { host, port, drainSeconds } = config
  const limiter = await openRateLimiter(config, log)
  const app = serverApp({ ...config, limiter, log })
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, app.handler)
  server.listen(port, host)
  await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
    limiter?.close()
    const at = `${error.message.replace(/^listen /, '')} (host ${host}, port ${port})`
    throw error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND'
      ? new InvalidArgumentError('--host', `--host: ${at}`)
      : new InvalidArgumentError('--port', `--port: ${at}; take another port`)
  })
  return {
    url: urlOf(server, host),
    serve: app.serve,
    tell: app.tell,
    drain: async () => {
      await Promise.race([app.drain(), setTimeout(drainSeconds * 1000, undefined, { ref: false })])
      const closed = once(server, 'close')
      server.close()
      // What is left now: refusals on their way out, connections that never asked, and answers that took too long.
      await Promise.race([closed, setTimeout(LAST_WORDS_MS, undefined, { ref: false })])
      server.closeAllConnections()
      await closed
      limiter?.close()
    },
  }
}

/** Where a client on this machine finds it. */
function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `http://${name}:${port}`
}
