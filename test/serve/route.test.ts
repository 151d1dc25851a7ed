import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { createRouter, type Decision, type RouterOptions } from '../../src/serve/route.js'
import { scriptedEngine } from '../support/scripted-engine.js'

const body = { model: 'scripted', messages: [{ role: 'user', content: 'hi' }] }

function decide(
  method: string,
  target: string,
  {
    given = body as unknown,
    hasHost = true,
    prefix = '/v1',
    ...options
  }: Partial<RouterOptions> & {
    given?: unknown
    hasHost?: boolean
    prefix?: string
  } = {},
): Promise<Decision> {
  const router = createRouter(
    { gateway: { engine: scriptedEngine(), onError: () => {} }, errors: 'answer', models: 'yield', ...options },
    prefix,
  )
  const read = async (): Promise<unknown> => {
    if (given instanceof Error) throw given
    return given
  }
  return router.decide({ method, target, body: read, signal: new AbortController().signal, hasHost })
}

async function outcome(...given: Parameters<typeof decide>): Promise<string> {
  const decision = await decide(...given)
  return decision.kind === 'reply' ? String(decision.reply.status) : decision.kind
}

test('our routes are ours, with a slash at the end or a query as without', async () => {
  for (const path of [
    '/v1/chat/completions',
    '/v1/chat/completions/',
    '/v1/chat/completions?x=/v1',
    '/v1/chat/completions#a',
  ])
    assert.is(await outcome('POST', path), '200', path)
  assert.is(await outcome('GET', '/v1/models/scripted'), '200')
  assert.is(await outcome('GET', '/v1/models/scr%69pted'), '200')
})

test('a whole address means its path', async () => {
  for (const at of ['http://llm.example', 'https://llm.example:8080', 'HTTP://user@llm.example']) {
    assert.is(await outcome('POST', `${at}/v1/chat/completions`), '200', at)
    assert.is(await outcome('GET', `${at}/v1/models?x`), 'host first', at)
    assert.is(await outcome('GET', `${at}/v1/chat`), 'host', at)
    assert.is(await outcome('GET', at), 'host', at)
    assert.is(await outcome('GET', `${at}/models`, { prefix: '' }), 'host first', at)
  }
})

test('what is not ours goes to the host, or is 404 where there is none', async () => {
  for (const [method, target] of [
    ['GET', '/v1/chat/completions'],
    ['POST', '/v1/models'],
    ['PUT', '/v1/completions'],
    ['POST', '/v10/completions'],
    ['POST', '/v1/toString'],
    ['GET', '/v1/models/other'],
    ['GET', '/v1/models/%E0%A4%A'],
    ['OPTIONS', '*'],
  ]) {
    assert.is(await outcome(method, target), 'host', target)
    assert.is(await outcome(method, target, { hasHost: false }), '404', target)
  }
})

test("a request for another's model is the host's; one that names none is ours to refuse", async () => {
  assert.is(await outcome('POST', '/v1/completions', { given: { model: 'other' } }), 'host')
  assert.is(await outcome('POST', '/v1/completions', { given: { model: 'other' }, hasHost: false }), '404')
  for (const given of [{}, [], null, 'x', { model: '' }, { model: 5 }])
    assert.is(await outcome('POST', '/v1/completions', { given }), '400')
})

test('errors are answered, or handed to a host that wants them', async () => {
  assert.is(await outcome('POST', '/v1/completions', { given: {}, errors: 'host' }), 'error')
  assert.is(await outcome('POST', '/v1/completions', { given: {}, errors: 'host', hasHost: false }), '400')
  assert.is(await outcome('POST', '/v1/completions', { given: new Error('no body') }), '500')
})

test('a list is ours alone only where there is no host', async () => {
  const decision = await decide('GET', '/v1/models', { models: 'merge' })
  assert.ok(decision.kind === 'host first' && decision.merges)
  const openapi = await decide('GET', '/v1/openapi.json', { models: 'merge' })
  assert.ok(openapi.kind === 'host first' && !openapi.merges)
  assert.is(await outcome('GET', '/v1/models', { hasHost: false }), '200')
})

test.run()
