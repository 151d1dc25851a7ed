import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { fetchHandler, type FetchHandler } from '../../../adapters/fetch/handler.js'
import { checkAdapter, type AdapterOptions } from '../../../adapters/options.js'
import { scriptedEngine } from '../../support/scripted-engine.js'

const MODELS = 'http://host/v1/models'

function handlerOf(options: Partial<AdapterOptions> = {}): FetchHandler {
  return fetchHandler(checkAdapter({ engine: scriptedEngine(), ...options }), '/v1')
}

function post(body: object, signal?: AbortSignal): Request {
  const headers = { 'content-type': 'application/json' }
  const init = { method: 'POST', headers, body: JSON.stringify(body), signal }
  return new Request('http://host/v1/completions', init)
}

const listOf = (...ids: string[]): object => ({ object: 'list', data: ids.map((id) => ({ id })) })

test('a completion is answered and its request used up; what is not ours is 404 where we are alone', async () => {
  const request = post({ model: 'scripted', prompt: 'hi' })
  const response = await handlerOf()(request)
  assert.equal([response.status, (await response.json()).choices[0].text], [200, 'Hello, world'])
  assert.ok(request.bodyUsed)
  assert.is((await handlerOf()(new Request('http://host/else'))).status, 404)
})

test("another model's request goes to next, which finds its body unread", async () => {
  const request = post({ model: 'theirs', prompt: 'hi' })
  const response = await handlerOf()(request, async () => new Response(await request.text()))
  assert.is((await response.json()).model, 'theirs')
})

test('an error is answered here, or thrown for the host that words it', async () => {
  const next = (): Response => assert.unreachable() as never
  assert.is((await handlerOf()(post({ model: 'scripted' }), next)).status, 400)
  const thrown = await handlerOf({ errors: 'host' })(post({ model: 'scripted' }), next).catch((error) => error)
  assert.is(thrown.status, 400)
})

test("the host's list of models stays, has ours added, or gives way where it is a 404", async () => {
  const theirs = (): Response => Response.json(listOf('theirs'), { headers: { 'x-host': 'yes' } })
  const kept = await handlerOf()(new Request(MODELS), theirs)
  assert.equal([await kept.json(), kept.headers.get('x-host')], [listOf('theirs'), 'yes'])
  const merged = await handlerOf({ models: 'merge' })(new Request(MODELS), theirs)
  assert.equal(
    (await merged.json()).data.map(({ id }: { id: string }) => id),
    ['theirs', 'scripted'],
  )
  const ours = await handlerOf()(new Request(MODELS), () => new Response('no', { status: 404 }))
  assert.is((await ours.json()).data[0].id, 'scripted')
})

test('merging leaves a list that is none as it came', async () => {
  const page = await handlerOf({ models: 'merge' })(new Request(MODELS), () => new Response('<html>'))
  assert.is(await page.text(), '<html>')
})

test('a client that leaves stops the engine, whether before its answer or in the middle', async () => {
  const controller = new AbortController()
  const engine = scriptedEngine({ pace: async (part) => void (part === 1 && controller.abort()) })
  const handle = fetchHandler(checkAdapter({ engine }), '/v1')
  await handle(post({ model: 'scripted', prompt: 'hi' }, controller.signal)).catch(() => {})
  assert.equal([engine.parts, engine.open], [2, 0])
  await handle(post({ model: 'scripted', prompt: 'hi' }, controller.signal)).catch(() => {})
  assert.is(engine.open, 0)
  assert.ok(engine.requests[1] === undefined || engine.requests[1].signal!.aborted)
})

test.run()
