import createFastify, { type FastifyInstance } from 'fastify'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { sequoia, type SequoiaOptions } from '../../../adapters/fastify/index.js'
import { scriptedEngine } from '../../support/scripted-engine.js'

const LIST = { object: 'list', data: [{ id: 'theirs' }] }

/** A host with a not-found handler that says what it was handed. */
async function hostOf(
  options: Partial<SequoiaOptions> = {},
  own?: (app: FastifyInstance) => void,
): Promise<FastifyInstance> {
  const app = createFastify()
  app.setNotFoundHandler((request, reply) => {
    const { body } = request
    return reply.code(404).send({ bytes: Buffer.isBuffer(body) ? body.toString() : null })
  })
  own?.(app)
  await app.register(sequoia, { engine: scriptedEngine(), ...options, prefix: '/v1' })
  return app
}

const completion = (body: object | string, url = '/v1/completions') =>
  ({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json' },
    payload: typeof body === 'string' ? body : JSON.stringify(body),
  }) as const

test('a completion is answered, with or without a slash at the end', async () => {
  const app = await hostOf()
  for (const url of ['/v1/completions', '/v1/completions/']) {
    const response = await app.inject(completion({ model: 'scripted', prompt: 'hi' }, url))
    assert.equal([response.statusCode, response.json().choices[0].text], [200, 'Hello, world'])
  }
})

test('a stream opens with a comment, which brings its headers out', async () => {
  const app = await hostOf()
  const response = await app.inject(completion({ model: 'scripted', prompt: 'hi', stream: true }))
  assert.match(response.headers['content-type'] as string, 'text/event-stream')
  assert.ok(response.body.startsWith(': open\n\n'))
  assert.ok(response.body.trimEnd().endsWith('data: [DONE]'))
})

test("another model's request goes to the not-found handler, its bytes as they came", async () => {
  const payload = '{ "model": "theirs",  "prompt": "é" }'
  const response = await (await hostOf()).inject(completion(payload))
  assert.equal([response.statusCode, response.json()], [404, { bytes: payload }])
})

test("a host's list of models, registered before, stays the only one", async () => {
  const app = await hostOf({}, (host) => void host.get('/v1/models', () => LIST))
  assert.equal((await app.inject('/v1/models')).json(), LIST)
  assert.is((await app.inject('/v1/models/scripted')).json().id, 'scripted')
  assert.is((await (await hostOf()).inject('/v1/models')).json().data[0].id, 'scripted')
})

test('a body over the bound and one that is no JSON are refused, in the shape of OpenAI', async () => {
  const app = await hostOf({ maxBodyBytes: 40 })
  const large = await app.inject(completion({ model: 'scripted', prompt: 'x'.repeat(40) }))
  assert.equal([large.statusCode, large.json().error.code], [413, 'request_too_large'])
  const broken = await app.inject(completion('{'))
  assert.equal([broken.statusCode, broken.json().error.code], [400, 'invalid_json'])
})

test("errors: 'host' leaves the words to the host; a wrong option is refused at set-up", async () => {
  const app = await hostOf({ errors: 'host' }, (host) =>
    host.setErrorHandler((error, _request, reply) => reply.code(418).send((error as { code: string }).code)),
  )
  const response = await app.inject(completion({ model: 'scripted' }))
  assert.is(response.statusCode, 418)
  const refused = await hostOf({ cors: true } as never).catch((error: Error) => error)
  assert.match((refused as Error).message, 'unknown option "cors"')
})

test.run()
