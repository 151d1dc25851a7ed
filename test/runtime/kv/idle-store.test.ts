import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { IdleStore, type InTurn } from '../../../src/runtime/kv/idle-store.js'
import { hostStore } from '../../support/recording-forward.js'

const at = { lane: 0, slots: Int32Array.of(1) }

test('every call waits its turn under its own name, and copies reach the store behind', async () => {
  const turns: string[] = []
  const inTurn: InTurn = (what, work) => {
    turns.push(what)
    return work()
  }
  const [one, other] = [0, 1].map(() => new IdleStore(hostStore({ slots: 16 }), inTurn, () => undefined))
  const bytes = (await other.read(at)).fill(9)
  await other.write(at, bytes)
  await one.copyFrom(other, at, at)
  assert.equal(await one.read(at), bytes)
  await one.resize([0, -1], 20)
  assert.equal([one.lanes, one.capacity], [2, 32])
  assert.equal(turns, ['read', 'write', 'copyFrom', 'read', 'resize'])
})

test('what is refused changes nothing', async () => {
  const busy: InTurn = (what) => Promise.reject(new Error(`${what} during a pass`))
  const store = new IdleStore(hostStore({ slots: 16 }), busy, () => undefined)
  assert.match(String(await store.resize([0, -1], 20).catch(String)), 'resize during a pass')
  assert.equal([store.lanes, store.capacity], [1, 16])
  const single = new IdleStore(
    hostStore({ slots: 16 }),
    (_, work) => work(),
    (lanes) => {
      if (lanes > 1) throw new Error(`${lanes} lanes`)
    },
  )
  assert.match(String(await single.resize([0, -1], 1).catch(String)), '2 lanes')
  assert.is(single.lanes, 1)
})

test.run()
