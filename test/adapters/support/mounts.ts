/**
 * Every HTTP adapter in a host of its framework, built the same way for the conformance suites: the host sets a header,
 * maybe parses bodies, has our routes at `/v1`, and hands what is left to a proxy of its own.
 */
import { createRequire } from 'node:module'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import fastifyCompress from '@fastify/compress'
import replyFrom from '@fastify/reply-from'
import { getRequestListener } from '@hono/node-server'
import compression from 'compression'
import express5, { type NextFunction } from 'express'
import createFastify, { type FastifyRequest } from 'fastify'
import { Hono } from 'hono'
import { compress } from 'hono/compress'
import { proxy } from 'hono/proxy'
import { createProxyMiddleware, fixRequestBody } from 'http-proxy-middleware'
import { sequoia as forExpress } from '../../../adapters/express/index.js'
import { sequoia as forFastify } from '../../../adapters/fastify/index.js'
import { honoSequoia, sequoia as forFetch } from '../../../adapters/fetch/index.js'
import { sequoia as forNode } from '../../../adapters/node/index.js'
import type { AdapterOptions } from '../../../adapters/options.js'
import { listen, type Listening } from '../../support/http-app.js'

const express4 = createRequire(import.meta.url)('express4') as typeof express5

export interface Host {
  /** The host parses JSON bodies (where the framework has such a thing) before we see the request. */
  parses?: boolean
  /** The host compresses what it sends. */
  compresses?: boolean
  /** Base URL of a server to which the host forwards what is not ours; without it that is the framework's own 404. */
  upstream?: string
  /** That server lists models; hosts that name each route must know. */
  listsModels?: boolean
  /** The host words errors itself, as `{ host: code }`. */
  wordsErrors?: boolean
}

export interface Mount {
  name: string
  /** Whether the framework has a body parser of its own whose result we may meet. */
  parsers: boolean
  /** Whether lists of models can be merged. */
  merges: boolean
  open(options: AdapterOptions, host?: Host): Promise<Listening>
}

function wordError(error: object): [number, { host: string | undefined }] {
  const { status = 500, code } = error as { status?: number; code?: string }
  return [status, { host: code }]
}

function proxyTo(upstream: string, parses: boolean | undefined): express5.RequestHandler {
  return createProxyMiddleware({ target: upstream, ...(parses && { on: { proxyReq: fixRequestBody } }) })
}

function expressMount(version: string, express: typeof express5): Mount {
  return {
    name: `express ${version}`,
    parsers: true,
    merges: true,
    open: (options, { parses, compresses, upstream, wordsErrors } = {}) => {
      const app = express()
      if (compresses) app.use(compression({ threshold: 0 }))
      app.use((_req, res, next) => void next(res.set('x-host', 'yes') && undefined))
      if (parses) app.use(express.json({ limit: '10mb' }))
      app.use('/v1', forExpress(options))
      if (upstream) app.use(proxyTo(upstream, parses))
      if (wordsErrors)
        app.use((error: object, _req: express5.Request, res: express5.Response, _next: NextFunction) => {
          const [status, body] = wordError(error)
          res.status(status).json(body)
        })
      return listen(app)
    },
  }
}

const nodeMount: Mount = {
  name: 'node http',
  parsers: false,
  merges: true,
  open: (options, { compresses, upstream, wordsErrors } = {}) => {
    const ours = forNode(options)
    const compress = compression({ threshold: 0 }) as unknown as (
      request: IncomingMessage,
      response: ServerResponse,
      next: () => void,
    ) => void
    const proxy = upstream ? (proxyTo(upstream, false) as unknown as RequestListener) : null
    const serve: RequestListener = (request, response) => {
      response.setHeader('x-host', 'yes')
      if (!proxy && !wordsErrors) return ours(request, response)
      ours(request, response, (error) => {
        if (!error) return proxy!(request, response)
        const [status, body] = wordError(error)
        response.writeHead(status).end(JSON.stringify(body))
      })
    }
    return listen(
      compresses ? (request, response) => compress(request, response, () => serve(request, response)) : serve,
    )
  },
}

const honoMount: Mount = {
  name: 'hono',
  parsers: true,
  merges: true,
  open: (options, { parses, compresses, upstream, wordsErrors } = {}) => {
    const app = new Hono()
    if (compresses) app.use(compress({ threshold: 0 }))
    app.use(async (c, next) => {
      c.header('x-host', 'yes')
      if (parses && c.req.method === 'POST') await c.req.json()
      await next()
    })
    app.use(honoSequoia(options))
    if (upstream)
      app.all('*', async (c) => {
        const again = parses && {
          body: await c.req.arrayBuffer(),
          headers: { ...c.req.header(), 'content-length': undefined },
        }
        return proxy(`${upstream}${c.req.path}`, { raw: c.req.raw, ...again })
      })
    if (wordsErrors)
      app.onError((error, c) => {
        const [status, body] = wordError(error)
        return c.json(body, status as 400)
      })
    return listen(getRequestListener(app.fetch))
  },
}

const fetchMount: Mount = {
  name: 'fetch',
  parsers: false,
  merges: true,
  open: (options, { upstream, wordsErrors } = {}) => {
    const ours = forFetch(options)
    const handle = async (request: Request): Promise<Response> => {
      try {
        if (upstream)
          return await ours(request, () => proxy(`${upstream}${new URL(request.url).pathname}`, { raw: request }))
        return await (wordsErrors ? ours(request, () => new Response(null, { status: 404 })) : ours(request))
      } catch (error) {
        const [status, body] = wordError(error as Error)
        return Response.json(body, { status })
      }
    }
    return listen(
      getRequestListener(async (request) => {
        const response = await handle(request)
        return new Response(response.body, {
          status: response.status,
          headers: [...response.headers, ['x-host', 'yes']],
        })
      }),
    )
  },
}

const fastifyMount: Mount = {
  name: 'fastify',
  parsers: false,
  merges: false,
  open: async (options, { compresses, upstream, listsModels, wordsErrors } = {}) => {
    const app = createFastify({ forceCloseConnections: true })
    if (compresses) await app.register(fastifyCompress, { threshold: 0 })
    app.addHook('onRequest', async (_request, reply) => void reply.header('x-host', 'yes'))
    if (upstream) {
      await app.register(replyFrom, { base: upstream })
      // Bytes from us; a parsed body where the request never was ours.
      const forward = ({ body, headers }: FastifyRequest): object =>
        Buffer.isBuffer(body) ? { body, contentType: headers['content-type'] } : {}
      app.setNotFoundHandler((request, reply) => reply.from(request.url, forward(request)))
      if (listsModels)
        for (const path of ['/v1/models', '/v1/openapi.json'])
          app.get(path, (request, reply) => reply.from(request.url))
    }
    if (wordsErrors)
      app.setErrorHandler((error, _request, reply) => {
        const [status, body] = wordError(error as Error)
        return reply.code(status).send(body)
      })
    await app.register(forFastify, { ...options, prefix: '/v1' })
    await app.listen({ port: 0, host: '127.0.0.1' })
    return {
      url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`,
      server: app.server,
      close: () => app.close(),
    }
  },
}

export const mounts: readonly Mount[] = [
  expressMount('4', express4),
  expressMount('5', express5),
  nodeMount,
  honoMount,
  fetchMount,
  fastifyMount,
]
