// @process own
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { runScript, script } from '../../../src/scale/queue/script.js'
import { aroundRedis, withRedis } from './redis.js'

const scripts = suite('Lua that the store runs')
const test = withRedis(scripts)
const store = aroundRedis(scripts)

const COUNT = script(`return redis.call('INCRBY', KEYS[1], ARGV[1])`)

test('runs once each time, whether the store knows it or not', async () => {
  const { client } = store.redis
  assert.is(await runScript(client, COUNT, ['n'], [2]), 2)
  assert.is(await runScript(client, COUNT, ['n'], [2]), 4)
  await client.script('FLUSH')
  assert.is(await runScript(client, COUNT, ['n'], [2]), 6)
})

test('fails as it fails in the store', async () => {
  await store.redis.client.set('text', 'x')
  const failed = await runScript(store.redis.client, COUNT, ['text'], [1]).catch((error: Error) => error)
  assert.match((failed as Error).message, /not an integer/)
})

scripts.run()
