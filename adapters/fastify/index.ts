/**
 * The Fastify adapter: a plugin with our routes below the prefix it is registered with.
 *
 * ```ts
 * await fastify.register(sequoia, { engine, prefix: '/v1' })
 * ```
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { createGateway, type Endpoint, type Reply } from '../../src/serve/index.js'
import { checkJsonType, decodeJson, tooLarge } from '../json.js'
import { toResponse } from '../fetch/to-response.js'
import { signalOf } from '../node/send.js'
import { checkAdapter, type AdapterOptions } from '../options.js'
import { ENDPOINTS, OPENAPI } from '../routes.js'

/**
 * Fastify owns each route once, so there is no list to merge with; a host's own `GET /models`, registered before, stays
 * the only one.
 */
export type SequoiaOptions = Omit<AdapterOptions, 'models'>
export { ApiError } from '../../src/serve/index.js'

/**
 * Fastify sends headers with the first bytes of a stream; a comment brings them out before the first token is there.
 */
const OPENING = ': open\n\n'

/** What Fastify itself adds to a plugin's options. */
const REGISTER_OPTIONS = ['prefix', 'logLevel', 'logSerializers']

/**
 * The plugin. A request for a model it does not serve goes to the host's not-found handler, with the bytes of its body
 * as `request.body` (a `Buffer`). Hooks of the host apply. Throws `InvalidArgumentError` for a wrong option.
 */
export async function sequoia(fastify: FastifyInstance, options: SequoiaOptions): Promise<void> {
  const { gateway: given, maxBodyBytes, errors } = checkAdapter(options, REGISTER_OPTIONS)
  const gateway = createGateway(given)

  // Bytes as they came, in this plugin's own scope: a host's parsers would not keep them.
  fastify.removeAllContentTypeParsers()
  fastify.addContentTypeParser(
    '*',
    { parseAs: 'buffer', bodyLimit: maxBodyBytes },
    async (_request: FastifyRequest, body: Buffer) => body,
  )
  fastify.setErrorHandler((error, _request, reply) => {
    const known = (error as { code?: string }).code === 'FST_ERR_CTP_BODY_TOO_LARGE' ? tooLarge(maxBodyBytes) : error
    if (errors === 'host') throw known
    return sendReply(gateway.refuse(known), reply)
  })

  for (const [path, endpoint] of Object.entries(ENDPOINTS)) {
    fastify.post(path, { bodyLimit: maxBodyBytes }, (request, reply) => answer(endpoint, request, reply))
  }
  const own = { '/models': () => gateway.listModels(), [OPENAPI]: () => gateway.openApi() }
  for (const [path, reply] of Object.entries(own)) {
    if (!fastify.hasRoute({ method: 'GET', url: fastify.prefix + path }))
      fastify.get(path, (_request, to) => sendReply(reply(), to))
  }
  fastify.get<{ Params: { '*': string } }>('/models/*', (request, reply) => {
    const model = gateway.model(request.params['*'])
    return model ? sendReply(model, reply) : reply.callNotFound()
  })

  async function answer(endpoint: Endpoint, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const signal = signalOf(reply.raw)
    checkJsonType(request.headers['content-type'])
    const body = await decodeJson(
      (request.body as Buffer | undefined) ?? Buffer.alloc(0),
      request.headers['content-encoding'],
      maxBodyBytes,
    )
    if (!gateway.serves(body)) {
      reply.callNotFound()
      return reply
    }
    const answered = await gateway.answer(endpoint, body, signal)
    if (errors === 'host' && 'error' in answered && answered.error) throw answered.error
    return sendReply(answered, reply)
  }
}

function sendReply(reply: Reply, to: FastifyReply): FastifyReply {
  return to.send(toResponse(reply, new AbortController(), OPENING))
}
