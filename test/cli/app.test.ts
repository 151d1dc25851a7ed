import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { newKey } from '../../src/cli/api-keys.js'
import { serverApp, type App, type AppOptions, type ServedModel } from '../../src/cli/app.js'
import { InvalidArgumentError } from '../../src/spec/errors.js'
import { exchange, jsonPost, type Got, type Sent } from '../support/in-process-http.js'
import { scriptedEngine } from '../support/scripted-engine.js'
import { keptLog } from './support.js'

const completion = jsonPost('/v1/completions', { model: 'scripted', prompt: 'hi' })

function appOf(options: Partial<AppOptions> = {}): App {
  return serverApp({
    apiKeys: {},
    corsOrigins: [],
    maxBodyBytes: 2 ** 20,
    vllmMetrics: false,
    playground: false,
    trustedProxies: 0,
    limiter: null,
    log: keptLog().log,
    ...options,
  })
}

function served(models: readonly ServedModel[] = [{ engine: scriptedEngine() }], options = {}): App {
  const app = appOf(options)
  app.serve(models)
  return app
}

const get = (app: App, path: string): Promise<Got> => exchange(app.handler, { path })
const statusOf = async (app: App, sent: Sent | string): Promise<number> =>
  (await exchange(app.handler, typeof sent === 'string' ? { path: sent } : sent)).status

test('it lives from the start, is ready once it serves, and says what it waits for until then', async () => {
  const app = appOf()
  assert.equal(
    [await statusOf(app, '/health/live'), await statusOf(app, '/health/ready'), await statusOf(app, completion)],
    [200, 503, 503],
  )
  const progress = { stage: 'import' as const, text: 'import micro', part: 'layer 2 of 6', done: 2, total: 8 }
  app.tell(progress)
  assert.equal(JSON.parse((await get(app, '/health/ready')).body), { status: 'loading', progress })
  const early = await exchange(app.handler, completion)
  assert.equal([JSON.parse(early.body).error.code, early.headers['retry-after']], ['loading', '1'])
  app.serve([{ engine: scriptedEngine() }])
  assert.equal(
    [await statusOf(app, '/health/live'), await statusOf(app, '/health/ready'), await statusOf(app, completion)],
    [200, 200, 200],
  )
})

test('it is not ready while one of its models cannot answer, but lives, and is ready again once it can', async () => {
  let fault: Error | null = new Error('/srv/weights.bin is gone')
  const broken = { ...scriptedEngine(), fault: async () => fault }
  const app = served([{ engine: scriptedEngine() }, { engine: broken, name: 'other' }])
  const ask = async (path: string): Promise<[number, string]> => {
    const { status, body } = await get(app, path)
    return [status, JSON.parse(body).status]
  }
  assert.equal(await ask('/health/ready'), [503, 'failing'])
  assert.equal(await ask('/healthz'), [503, 'failing'])
  assert.equal(await ask('/health/live'), [200, 'ok'])
  fault = null
  assert.equal(await ask('/health/ready'), [200, 'ok'])
})

test('models are listed in order, answer by their names, and use is that of all together', async () => {
  const [a, b] = [scriptedEngine({ texts: ['from a'] }), scriptedEngine({ texts: ['from b'] })]
  const app = served([
    { engine: a, aliases: ['alias'] },
    { engine: b, name: 'b' },
  ])
  assert.equal(
    JSON.parse((await get(app, '/v1/models')).body).data.map(({ id }: { id: string }) => id),
    ['scripted', 'alias', 'b'],
  )
  for (const [model, text] of [
    ['scripted', 'from a'],
    ['alias', 'from a'],
    ['b', 'from b'],
  ]) {
    const { body } = await exchange(app.handler, jsonPost('/v1/completions', { model, prompt: 'hi' }))
    assert.is(JSON.parse(body).choices[0].text, text)
    assert.is(JSON.parse((await get(app, `/v1/models/${model}`)).body).id, model)
  }
  assert.is(JSON.parse((await get(app, '/healthz')).body).slots, 16)
})

test('a name of no model is told those there are; a name of two is refused at set-up', async () => {
  const app = served()
  for (const path of ['/v1/completions', '/v1/chat/completions', '/v1/responses']) {
    const { status, body } = await exchange(app.handler, jsonPost(path, { model: 'gpt-9' }))
    assert.equal([status, JSON.parse(body).error.code], [404, 'model_not_found'])
    assert.match(body, 'served: scripted')
  }
  assert.throws(
    () => served([{ engine: scriptedEngine() }, { engine: scriptedEngine(), name: 'x', aliases: ['scripted'] }]),
    (error: unknown) => error instanceof InvalidArgumentError && error.param === 'models',
  )
})

test('where there are keys, health is for everybody and the rest for who has one', async () => {
  const { key, hash } = newKey()
  const app = served(undefined, { apiKeys: { ci: hash } })
  const open = ['/health/live', '/health/ready']
  const closed = ['/healthz', '/metrics', '/v1/models', '/else']
  for (const path of open) assert.is(await statusOf(app, path), 200, path)
  for (const path of closed) assert.is(await statusOf(app, path), 401, path)
  const headers = { authorization: `Bearer ${key}` }
  assert.is(await statusOf(app, { path: '/v1/models', headers }), 200)
})

test('draining lets what came before end, and refuses what comes after, but for health', async () => {
  let release = (): void => {}
  const held = new Promise<void>((resolve) => (release = resolve))
  const engine = scriptedEngine({ pace: () => held })
  const app = served([{ engine }])
  const before = exchange(app.handler, completion)
  while (engine.open === 0) await new Promise(setImmediate)
  let drained = false
  const drain = app.drain().then(() => (drained = true))
  const after = await exchange(app.handler, completion)
  assert.equal([after.status, JSON.parse(after.body).error.code, after.headers.connection], [503, 'closing', 'close'])
  assert.equal([await statusOf(app, '/health/live'), await statusOf(app, '/health/ready'), drained], [200, 503, false])
  release()
  assert.is((await before).status, 200)
  await drain
})

test('whatever it does not have, and a path that is none, is an error in the shape of OpenAI', async () => {
  const app = served()
  for (const [path, status, code] of [
    ['/else', 404, 'not_found'],
    ['/v1/embeddings', 404, 'not_found'],
    ['/playground/..%2fpackage.json', 404, 'not_found'],
    ['/%ff', 404, 'not_found'],
    ['/v1/models/gpt-9', 404, 'model_not_found'],
    ['/v1/models/%ff', 400, null],
  ] as const) {
    const got = await get(app, path)
    assert.equal([got.status, JSON.parse(got.body).error.code], [status, code], path)
  }
})

test.run()
