import { Hono } from 'hono'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { honoSequoia, type SequoiaOptions } from '../../../adapters/hono/index.js'
import { InvalidArgumentError } from '../../../src/spec/errors.js'
import { scriptedEngine } from '../../support/scripted-engine.js'

/** A host that sets a header ahead of us. */
function hostOf(options: Partial<SequoiaOptions> = {}, parses = false): Hono {
  const app = new Hono()
  app.use(async (context, next) => {
    context.header('x-host', 'yes')
    if (parses) await context.req.json()
    await next()
  })
  app.use(honoSequoia({ engine: scriptedEngine(), ...options }))
  return app
}

function post(model: string): RequestInit {
  const body = JSON.stringify({ model, prompt: 'hi' })
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body }
}

test('an answer of ours has the headers that the host set before', async () => {
  const response = await hostOf().request('/v1/completions', post('scripted'))
  assert.equal([response.status, response.headers.get('x-host')], [200, 'yes'])
  assert.is((await response.json()).choices[0].text, 'Hello, world')
})

test('a body that the host has parsed is read again', async () => {
  const response = await hostOf({}, true).request('/v1/completions', post('scripted'))
  assert.is((await response.json()).choices[0].text, 'Hello, world')
})

test("what is not ours reaches the host's next handler, whose response stays as it is", async () => {
  const app = hostOf()
  app.post('/v1/completions', async (context) => context.text((await context.req.json()).model, 201))
  const response = await app.request('/v1/completions', post('theirs'))
  assert.equal([response.status, await response.text()], [201, 'theirs'])
})

test("our list takes the place of the host's 404 without its headers, and keeps those from before", async () => {
  const app = hostOf()
  app.notFound((context) => context.text('no', 404, { 'x-missing': 'yes' }))
  const { status, headers } = await app.request('/v1/models')
  assert.equal([status, headers.get('x-missing'), headers.get('x-host')], [200, null, 'yes'])
  assert.match(headers.get('content-type')!, 'application/json')
})

test('errors of a host that words them reach its onError; a wrong option is refused at set-up', async () => {
  const app = hostOf({ errors: 'host' })
  app.onError((error, context) => context.text((error as Error & { code: string }).code, 418))
  const response = await app.request('/v1/completions', { ...post('scripted'), body: '{' })
  assert.equal([response.status, await response.text()], [418, 'invalid_json'])
  assert.throws(
    () => hostOf({ prefix: 'v1' }),
    (error: unknown) => error instanceof InvalidArgumentError && error.param === 'prefix',
  )
})

test.run()
