/** The standalone server around a scripted engine: its own routes, its errors, and how it ends. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { startServer } from '../../src/cli/server.js'
import { InvalidArgumentError } from '../../src/errors.js'
import { eventually, post } from '../support/http-app.js'
import { scriptedEngine } from '../support/scripted-engine.js'

const chat = { model: 'scripted', messages: [{ role: 'user', content: 'hi' }] }
const start = (engine = scriptedEngine()) => startServer({ engine, host: '127.0.0.1', port: 0 })

test('answers under /v1 and is healthy', async () => {
  const server = await start()
  assert.is((await post(`${server.url}/v1/chat/completions`, chat)).status, 200)
  const health = await fetch(`${server.url}/healthz`)
  assert.is(health.status, 200)
  assert.is((await health.json()).status, 'ok')
  await server.drain()
})

test('whatever it does not have is an error in OpenAI\'s shape', async () => {
  const server = await start()
  const get = (path: string) => fetch(`${server.url}${path}`)
  const cases: [Promise<Response>, number, string | null][] = [
    [post(`${server.url}/v1/chat/completions`, { ...chat, model: 'gpt-9' }), 404, 'model_not_found'],
    [post(`${server.url}/v1/completions`, { model: 'gpt-9', prompt: 'x' }), 404, 'model_not_found'],
    [get('/v1/models/gpt-9'), 404, 'model_not_found'],
    [get('/v1/embeddings'), 404, 'not_found'],
    [get('/index.html'), 404, 'not_found'],
    [get('/playground/'), 404, 'not_found'],
    [get('/playground/..%2fpackage.json'), 404, 'not_found'],
    [get('/%ff'), 404, 'not_found'],
    [get('/v1/models/%ff'), 400, null],
  ]
  for (const [response, status, code] of cases) {
    const { error } = await (await response).json()
    assert.equal([(await response).status, error.code], [status, code], error.message)
  }
  await server.drain()
})

test('a port that is taken is named', async () => {
  const server = await start()
  const port = Number(new URL(server.url).port)
  try {
    await startServer({ engine: scriptedEngine(), host: '127.0.0.1', port })
    assert.unreachable()
  } catch (error) {
    assert.instance(error, InvalidArgumentError)
    assert.is((error as InvalidArgumentError).param, '--port')
  }
  await server.drain()
})

test('draining lets a stream finish, refuses new requests, and then closes', async () => {
  let release = (): void => {}
  const gate = new Promise<void>((resolve) => (release = resolve))
  const engine = scriptedEngine({ pace: (part) => (part === 1 ? gate : Promise.resolve()) })
  const server = await start(engine)
  const response = await post(`${server.url}/v1/chat/completions`, { ...chat, stream: true })
  const text = response.text()
  await eventually(() => engine.parts === 1)
  const drained = server.drain()
  await assertRefused(server.url)
  release()
  assert.match(await text, /\[DONE\]/)
  await drained
})

/** A listener that is closed refuses the connection; a connection that lives on gets 503. */
async function assertRefused(url: string): Promise<void> {
  const answer = await post(`${url}/v1/chat/completions`, chat).then((response) => response.status, () => 'refused')
  assert.ok(answer === 503 || answer === 'refused', String(answer))
}

test.run()
