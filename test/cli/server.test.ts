// @process own
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

test("whatever it does not have is an error in OpenAI's shape", async () => {
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

test('lives from the start, and is ready once its models are there', async () => {
  const server = await startServer({ host: '127.0.0.1', port: 0 })
  const ask = async (path: string): Promise<[number, string | undefined]> => {
    const answer = await fetch(server.url + path)
    return [answer.status, (await answer.json()).status]
  }
  assert.equal(
    [await ask('/health/live'), await ask('/health/ready'), await ask('/healthz')],
    [
      [200, 'ok'],
      [503, 'loading'],
      [503, 'loading'],
    ],
  )
  const early = await post(`${server.url}/v1/chat/completions`, chat)
  assert.equal([early.status, early.headers.get('retry-after'), (await early.json()).error.code], [503, '1', 'loading'])
  server.serve([{ engine: scriptedEngine() }])
  assert.equal(await ask('/health/ready'), [200, 'ok'])
  await server.drain()
})

test('is not ready while a model cannot answer, and again once it can', async () => {
  let fault: Error | null = null
  const server = await start({ ...scriptedEngine(), fault: async () => fault })
  const ask = async (path: string): Promise<[number, string]> => {
    const answer = await fetch(server.url + path)
    return [answer.status, (await answer.json()).status]
  }
  assert.equal(await ask('/health/ready'), [200, 'ok'])
  fault = new Error('/srv/weights.bin is gone')
  assert.equal(
    [await ask('/health/ready'), await ask('/healthz'), await ask('/health/live')],
    [
      [503, 'failing'],
      [503, 'failing'],
      [200, 'ok'],
    ],
  )
  fault = null
  assert.equal(await ask('/health/ready'), [200, 'ok'])
  await server.drain()
})

test('several models are listed in order, each answers by its names, and no two share one', async () => {
  const server = await startServer({ host: '127.0.0.1', port: 0 })
  const [a, b] = [scriptedEngine({ texts: ['from a'] }), scriptedEngine({ texts: ['from b'] })]
  assert.throws(
    () =>
      server.serve([
        { engine: a, name: 'x' },
        { engine: b, aliases: ['x'] },
      ]),
    /two models go by the name "x"/,
  )
  server.serve([
    { engine: a, name: 'a', aliases: ['gpt-4o'] },
    { engine: b, name: 'b' },
  ])
  const { data } = await (await fetch(`${server.url}/v1/models`)).json()
  assert.equal(
    data.map(({ id }: { id: string }) => id),
    ['a', 'gpt-4o', 'b'],
  )
  for (const [model, text] of [
    ['a', 'from a'],
    ['gpt-4o', 'from a'],
    ['b', 'from b'],
  ]) {
    assert.is(
      (await (await post(`${server.url}/v1/chat/completions`, { ...chat, model })).json()).choices[0].message.content,
      text,
    )
    assert.is((await (await fetch(`${server.url}/v1/models/${model}`)).json()).id, model)
  }
  assert.match(
    (await (await post(`${server.url}/v1/responses`, { model: 'c', input: 'x' })).json()).error.message,
    /served: a, gpt-4o, b/,
  )
  await server.drain()
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
