// @process native
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { announce, withdraw } from '../../../src/scale/queue/presence.js'
import { watchModels } from '../../../src/scale/queue/watch-models.js'
import { scriptedEngine } from '../../support/scripted-engine.js'
import { aroundRedis, withRedis } from './redis.js'

const models = suite('models that come and go')
const test = withRedis(models)
const store = aroundRedis(models)

const there = (id: string, model: string): Promise<void> =>
  announce(store.redis.client, { id, model, info: scriptedEngine().info, fingerprint: 'f', width: 1, running: 0 })

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise(setImmediate)
}

test('are told when a first worker announces them, and once no worker has for long', async () => {
  const told: string[] = []
  await there('1', 'known')
  const watch = watchModels({
    redis: store.redis.url,
    known: ['known', 'left'],
    lookEveryMs: 5,
    goneAfter: 3,
    onCome: async (name) => void told.push(`+${name}`),
    onGone: async (name) => told.push(`-${name}`) > 0,
    onError: (error) => assert.unreachable(String(error)),
  })
  await until(() => told.length === 1)
  assert.equal(told, ['-left'])
  for (const id of ['2', '3']) await there(id, 'new')
  await until(() => told.length === 2)
  for (const id of ['2', '3']) await withdraw(store.redis.client, id)
  await until(() => told.length === 3)
  assert.equal(told, ['-left', '+new', '-new'])
  await watch.stop()
})

test('are told again where opening them failed, or where they may not go yet', async () => {
  const told: string[] = []
  await store.redis.client.flushall()
  await there('1', 'b')
  const watch = watchModels({
    redis: store.redis.url,
    known: ['a'],
    lookEveryMs: 5,
    goneAfter: 1,
    onCome: async (name) => {
      if (told.push(`+${name}`) < 4) throw new Error('not yet')
    },
    onGone: async (name) => told.push(`-${name}`) > 5,
    onError: (error) => assert.match(String(error), 'not yet'),
  })
  await until(() => told.includes('-a') && told.length >= 6)
  await watch.stop()
  assert.equal(told.slice(0, 5), ['+b', '+b', '+b', '+b', '-a'])
})

test('ends at once while there is no store', async () => {
  const none = async (): Promise<never> => assert.unreachable() as never
  const onError = (error: unknown): void => assert.unreachable(String(error))
  const parts = { known: ['a'], onCome: none, onGone: none, onError }
  await watchModels({ redis: 'redis://127.0.0.1:1', ...parts }).stop()
  assert.throws(() => watchModels({ redis: 'localhost', ...parts }), /must be a redis:/)
})

models.run()
