// @process native
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { announce } from '../../../src/scale/queue/presence.js'
import { servedModels } from '../../../src/scale/queue/served-models.js'
import { RuntimeError } from '../../../src/spec/errors.js'
import { scriptedEngine } from '../../support/scripted-engine.js'
import { aroundRedis, withRedis } from './redis.js'

const models = suite('models that workers serve')
const test = withRedis(models)
const store = aroundRedis(models)

const failure = (redis: string): Promise<Error> =>
  servedModels({ redis, waitMs: 150 }).then(
    () => assert.unreachable() as never,
    (error: Error) => error,
  )

test('are named in order, each once', async () => {
  const { info } = scriptedEngine()
  for (const [id, model] of [
    ['1', 'b'],
    ['2', 'a'],
    ['3', 'b'],
  ])
    await announce(store.redis.client, { id, model, info, fingerprint: 'f', width: 1, running: 0 })
  assert.equal(await servedModels({ redis: store.redis.url }), ['a', 'b'])
})

test('are none where no worker comes, or where there is no store, which the error tells apart', async () => {
  await store.redis.client.flushall()
  const none = await failure(store.redis.url)
  assert.instance(none, RuntimeError)
  assert.match(none.message, 'no worker serves a model')
  assert.match(none.message, 'start a worker: sequoia worker')
  assert.match((await failure('redis://127.0.0.1:1')).message, 'the store cannot be reached')
})

models.run()
