// @process native
import { EventEmitter, once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
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
  const store = new Store(around.redis.url, watch, { awayMs: 300 })
  await store.redis.ping()
  assert.equal([store.isThere, store.isAway, store.lost.aborted, store.away.aborted], [true, false, false, false])
  const away = once(events, 'away')
  await around.redis.kill()
  await away
  assert.equal([store.isThere, store.isAway, store.lost.aborted, store.away.aborted], [false, true, true, true])
  assert.throws(() => store.assertThere(), /cannot be reached/)
  const back = once(events, 'back')
  await around.redis.start()
  await back
  store.assertThere()
  assert.equal([store.lost.aborted, store.away.aborted], [false, false])
  assert.equal(told, ['failed', 'away', 'back'])
  store.close()
})

/** A way to the store that can be cut: nothing passes, and nobody closes a connection. */
async function pathTo(port: number): Promise<{ port: number; cut(): void; mend(): void; close(): void }> {
  const sockets = new Set<Socket>()
  let isCut = false
  const server = createServer((near) => {
    if (isCut) near.pause()
    const far = connect(port, '127.0.0.1')
    for (const [from, to] of [
      [near, far],
      [far, near],
    ]) {
      sockets.add(from)
      from.on('data', (bytes) => isCut || to.write(bytes))
      from.on('close', () => to.destroy())
      from.on('error', () => undefined)
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => void (isCut = true),
    mend: () => {
      isCut = false
      sockets.forEach((socket) => socket.destroy())
    },
    close: () => {
      server.close()
      sockets.forEach((socket) => socket.destroy())
    },
  }
}

test('gives up a silent connection that owes an answer, and gets it over the next one', async () => {
  const path = await pathTo(Number(new URL(around.redis.url).port))
  const events = new EventEmitter()
  const watch = { onError: (error: unknown) => events.emit('failed', error), onBack: () => events.emit('back') }
  const store = new Store(`redis://127.0.0.1:${path.port}`, watch, { silentMs: 200 })
  await store.redis.ping()
  assert.not(store.lost.aborted)
  path.cut()
  const failed = once(events, 'failed')
  const asked = store.redis.ping()
  const [error] = await failed
  assert.ok(isOfConnection(error), String(error))
  await once(store.lost, 'abort')
  const back = once(events, 'back')
  path.mend()
  assert.is(await asked, 'PONG')
  await back
  assert.not(store.lost.aborted)
  store.close()
  path.close()
})

test('knows failures of connections from those of what was asked', () => {
  assert.ok(isOfConnection(Object.assign(new Error('x'), { code: 'ECONNREFUSED' })))
  assert.ok(isOfConnection(new Error('Connection is closed.')))
  assert.ok(isOfConnection(new Error('Command aborted due to connection close')))
  assert.not(isOfConnection(new Error('WRONGTYPE Operation against a key holding the wrong kind of value')))
})

stores.run()
