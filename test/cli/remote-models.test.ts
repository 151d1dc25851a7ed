// @process native
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Generates } from '../../src/api/types.js'
import { followModels, openRemoteModels } from '../../src/cli/remote-models.js'
import { serveSchema } from '../../src/cli/serve-schema.js'
import { nameOf, type ServedModel } from '../../src/cli/server.js'
import { worker } from '../../src/scale/queue/worker.js'
import { countingEngine } from '../scale/queue/counting-engine.js'
import { aroundRedis, withRedis } from '../scale/queue/redis.js'
import { keptLog } from './support.js'

const all = suite('models behind a queue')
const test = withRedis(all)
const store = aroundRedis(all)

test('are what workers serve, later ones too, where the settings name none', async () => {
  const redis = store.redis.url
  const hands = [await worker({ redis, engine: countingEngine('one', async () => undefined), model: 'one' })]
  const config = serveSchema.parse({ redis })
  const { log, lines } = keptLog()
  const models: ServedModel[] = (await openRemoteModels(config, redis, log)).map((engine) => ({ engine }))
  assert.equal(models.map(nameOf), ['one'])
  const wrapped: Generates[] = []
  const wrap = (engine: Generates): Generates => (wrapped.push(engine), engine)
  const changed = new Promise<void>((onChange) => {
    void followModels(config, redis, log, { models, wrap, onChange }).then((one) => (following = one))
  })
  let following: { stop(): Promise<void> } | null = null
  hands.push(await worker({ redis, engine: countingEngine('two', async () => undefined), model: 'two' }))
  await changed
  assert.equal(models.map(nameOf), ['one', 'two'])
  assert.is(wrapped[0], models[1].engine)
  assert.is(lines.at(-1)?.model, 'two')
  await following!.stop()
  await Promise.all(models.map(({ engine }) => engine.close({ drainMs: 0 })))
  await Promise.all(hands.map((hand) => hand.close({ drainMs: 0 })))
})

test('are not followed where the settings name them', async () => {
  const redis = store.redis.url
  const config = serveSchema.parse({ redis, model: 'one' })
  const parts = { models: [], wrap: (engine: Generates) => engine, onChange: () => assert.unreachable() }
  assert.is(await followModels(config, redis, keptLog().log, parts), null)
})

all.run()
