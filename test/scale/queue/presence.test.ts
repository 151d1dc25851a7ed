// @process native
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { workerKey } from '../../../src/scale/queue/keys.js'
import { announce, withdraw, workersNow, type WorkerPresence } from '../../../src/scale/queue/presence.js'
import { scriptedEngine } from '../../support/scripted-engine.js'
import { aroundRedis, withRedis } from './redis.js'

const workers = suite('workers that are there')
const test = withRedis(workers)
const store = aroundRedis(workers)

function presenceOf(id: string, running = 0): WorkerPresence {
  const { info } = scriptedEngine()
  return { id, model: 'm', info, fingerprint: info.fingerprint, width: 8, running }
}

workers.before.each(() => void store.redis?.client.flushall())

test('are those that announced themselves and did not withdraw, by what they said last', async () => {
  const { client } = store.redis
  assert.equal(await workersNow(client), [])
  await announce(client, presenceOf('a'))
  await announce(client, presenceOf('b'))
  await announce(client, presenceOf('a', 3))
  const found = await workersNow(client)
  assert.equal(found.map(({ id, running }) => `${id}${running}`).sort(), ['a3', 'b0'])
  await withdraw(client, 'a')
  assert.equal(await workersNow(client), [presenceOf('b')])
})

test('are gone when their last word is too long ago, which the store sees to; one who looks is told', async () => {
  const { client } = store.redis
  await announce(client, presenceOf('a'))
  const leftMs = await client.pttl(workerKey('a'))
  assert.ok(leftMs > 0 && leftMs <= 2000, `${leftMs} ms`)
  await client.del(workerKey('a'))
  assert.equal(await workersNow(client), [])
  const told: string[] = []
  await Promise.all([1, 2, 3].map(() => workersNow(client, (id) => told.push(id))))
  assert.equal(told, ['a'])
  assert.equal(await client.keys('*'), [])
})

workers.run()
