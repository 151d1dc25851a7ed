/**
 * The Fastify adapter: a plugin with our routes below the prefix it is registered with.
 *
 * ```ts
 * await fastify.register(sequoia, { engine, prefix: '/v1' })
 * ```
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { createRouter, ENDPOINTS, LISTS, type Decision } from '../../src/serve/index.js'
import { checkJsonType, decodeJson, tooLarge } from '../json.js'
import { toResponse } from '../fetch/to-response.js'
import { signalOf } from '../node/send.js'
import { checkAdapter, type AdapterOptions } from '../options.js'

/**
 * Fastify owns each route once, so there is no list to merge with; a host's own `GET /models`, registered before, stays
 * the only one.
 */
export type SequoiaOptions = Omit<AdapterOptions<FastifyRequest>, 'models'>
export { ApiError } from '../../src/serve/index.js'

/** Fastify sends headers with the first bytes of a stream: a comment brings them out before there is a token. */
const OPENING = ': open\n\n'

/** What Fastify itself adds to a plugin's options. */
const REGISTER_OPTIONS = ['prefix', 'logLevel', 'logSerializers']

/**
 * The plugin. A request for a model it does not serve goes to the host's not-found handler, with the bytes of its body
 * as `request.body` (a `Buffer`). Hooks of the host apply. Throws `InvalidArgumentError` for a wrong option.
 */
export async function sequoia(fastify: FastifyInstance, options: SequoiaOptions): Promise<void> {
  const checked = checkAdapter(options, REGISTER_OPTIONS)
  const { maxBodyBytes } = checked
  const router = createRouter(checked, fastify.prefix)

  // Bytes as they came, in this plugin's own scope: a host's parsers would not keep them.
  fastify.removeAllContentTypeParsers()
  fastify.addContentTypeParser(
    '*',
    { parseAs: 'buffer', bodyLimit: maxBodyBytes },
    async (_request: FastifyRequest, body: Buffer) => body,
  )
  fastify.setErrorHandler((error, _request, reply) => {
    const known = (error as { code?: string }).code === 'FST_ERR_CTP_BODY_TOO_LARGE' ? tooLarge(maxBodyBytes) : error
    return follow(router.fault(known, true), reply)
  })

  for (const path of Object.keys(ENDPOINTS))
    for (const url of [path, `${path}/`]) fastify.post(url, { bodyLimit: maxBodyBytes }, handle)
  for (const path of LISTS)
    for (const url of [path, `${path}/`])
      if (!fastify.hasRoute({ method: 'GET', url: fastify.prefix + url })) fastify.get(url, handle)
  fastify.get('/models/*', handle)

  function handle(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const decided = router.decide({
      method: request.method,
      target: request.url,
      body: () => bodyOf(request),
      signal: signalOf(reply.raw),
      hasHost: true,
      whose: checked.whose(request, (name) => request.headers[name]?.toString()),
    })
    return decided.then((decision) => follow(decision, reply))
  }

  async function bodyOf({ headers, body }: FastifyRequest): Promise<unknown> {
    checkJsonType(headers['content-type'])
    return decodeJson((body as Buffer | undefined) ?? Buffer.alloc(0), headers['content-encoding'], maxBodyBytes)
  }
}

function follow(decision: Decision, reply: FastifyReply): FastifyReply {
  switch (decision.kind) {
    case 'error':
      throw decision.error
    case 'host':
      reply.callNotFound()
      return reply
    case 'host first':
      return reply.send(toResponse(decision.own, new AbortController(), OPENING))
    case 'reply':
      return reply.send(toResponse(decision.reply, new AbortController(), OPENING))
    case 'gone':
      return reply.hijack()
  }
}
