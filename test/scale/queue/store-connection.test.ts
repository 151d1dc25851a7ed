// @process own
import { EventEmitter, once } from 'node:events'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isOfConnection, Store } from '../../../src/scale/queue/store-connection.js'
import { aroundRedis, withRedis } from './redis.js'

const stores = suite('a store that may go away')
const test = withRedis(stores)
const around = aroundRedis(stores)

test('tells once that it is out of reach, that this lasts too long, and that it is back', async () => {
  const told: string[] = []
  const events = new EventEmitter()
  const tell = (what: string) => (): void => {
    told.push(what)
    events.emit(what)
  }
  const watch = { onError: tell('failed'), onAway: tell('away'), onBack: tell('back') }
  const store = new Store(around.redis.url, watch, 300)
  await store.redis.ping()
  assert.equal([store.isThere, store.isAway], [true, false])
  const away = once(events, 'away')
  await around.redis.kill()
  await away
  assert.equal([store.isThere, store.isAway], [false, true])
  assert.throws(() => store.assertThere(), /cannot be reached/)
  const back = once(events, 'back')
  await around.redis.start()
  await back
  store.assertThere()
  assert.equal(told, ['failed', 'away', 'back'])
  store.close()
})

test('knows failures of connections from those of what was asked', () => {
  assert.ok(isOfConnection(Object.assign(new Error('x'), { code: 'ECONNREFUSED' })))
  assert.ok(isOfConnection(new Error('Connection is closed.')))
  assert.not(isOfConnection(new Error('WRONGTYPE Operation against a key holding the wrong kind of value')))
})

stores.run()
