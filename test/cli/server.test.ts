// @process native
/** The standalone server around a scripted engine: its own routes, its errors, and how it ends. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { startServer, type RunningServer, type ServerOptions } from '../../src/cli/server.js'
import { InvalidArgumentError } from '../../src/spec/errors.js'
import { eventually, post } from '../support/http-app.js'
import { scriptedEngine } from '../support/scripted-engine.js'

const chat = { model: 'scripted', messages: [{ role: 'user', content: 'hi' }] }

async function start(engine = scriptedEngine(), options: Partial<ServerOptions> = {}): Promise<RunningServer> {
  const server = await startServer({ host: '127.0.0.1', port: 0, ...options })
  server.serve([{ engine }])
  return server
}

test('answers under /v1 and is healthy', async () => {
  const server = await start()
  assert.is((await post(`${server.url}/v1/chat/completions`, chat)).status, 200)
  const health = await fetch(`${server.url}/healthz`)
  assert.is(health.status, 200)
  assert.is((await health.json()).status, 'ok')
  await server.drain()
})

test('a port that is taken is named', async () => {
  const server = await start()
  const port = Number(new URL(server.url).port)
  try {
    await startServer({ host: '127.0.0.1', port })
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
  const answer = await post(`${url}/v1/chat/completions`, chat).then(
    (response) => response.status,
    () => 'refused',
  )
  assert.ok(answer === 503 || answer === 'refused', String(answer))
}

test.run()
