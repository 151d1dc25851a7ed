// @process native
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { nextTurn, type TurnKeys } from '../../../src/scale/queue/caller-turns.js'
import { aroundRedis, withRedis } from './redis.js'

const turns = suite('turns of callers')
const test = withRedis(turns)
const store = aroundRedis(turns)

turns.before.each(() => void store.redis?.client.flushall())

const KEYS: TurnKeys = { prioritized: 'prioritized', wait: 'wait', turns: 'turns' }
let count = 0

/** Puts a request of each letter's caller into the queue, as BullMQ scores it. */
async function wait(callers: string, urgency: 'interactive' | 'batch' = 'interactive'): Promise<void> {
  for (const caller of callers) {
    const keys = urgency === 'batch' ? { ...KEYS, turns: 'turns of batches' } : KEYS
    const { priority } = await nextTurn(store.redis.client, keys, { caller, urgency, mostWaiting: 1000 })
    await store.redis.client.zadd(KEYS.prioritized, priority! * 2 ** 32 + ++count, `${caller}${count}`)
  }
}

async function next(many: number): Promise<string> {
  const popped = await store.redis.client.zpopmin(KEYS.prioritized, many)
  return popped
    .filter((_, i) => i % 2 === 0)
    .map((name) => name[0])
    .join('')
}

test('are given one by one, however many requests a caller has', async () => {
  await wait('aaaabbc')
  assert.is(await next(7), 'abcabaa')
})

test('of who comes later begin with whoever is next, not with what others had before', async () => {
  await wait('aaaa')
  assert.is(await next(2), 'aa')
  await wait('bab')
  assert.is(await next(5), 'ababa')
})

test('begin anew when nobody waits', async () => {
  await wait('aaa')
  await next(3)
  await wait('ba')
  assert.is(await next(2), 'ba')
})

test('of batches come behind all others, and take none of their room', async () => {
  await wait('xxy', 'batch')
  await wait('ab')
  assert.is(await next(5), 'abxyx')
  await wait('xx', 'batch')
  await wait('a')
  const of = { caller: 'b', urgency: 'interactive', mostWaiting: 1 } as const
  assert.equal(await nextTurn(store.redis.client, KEYS, of), { waiting: 1, priority: null })
})

turns.run()
