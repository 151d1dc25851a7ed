// @process native
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { GenerateRequest } from '../../../src/api/request.js'
import { ownQueueName, prefixKey, PREFIX, turnsKey } from '../../../src/scale/queue/keys.js'
import { Placing } from '../../../src/scale/queue/placing.js'
import { prefixesOf } from '../../../src/scale/queue/prefixes.js'
import type { WorkerPresence } from '../../../src/scale/queue/presence.js'
import { toWire } from '../../../src/scale/queue/wire.js'
import type { SequoiaError } from '../../../src/spec/errors.js'
import { scriptedEngine } from '../../support/scripted-engine.js'
import { aroundRedis, withRedis } from './redis.js'

const places = suite('where requests are put')
const test = withRedis(places)
const store = aroundRedis(places)
let placing: Placing

const TALK: GenerateRequest = { prompt: 'A long beginning. '.repeat(100) }

places.before.each(async () => {
  await store.redis?.client.flushall()
  const onError = (error: unknown): void => assert.unreachable(String(error))
  if (store.redis)
    placing = new Placing({ redis: store.redis.client, model: 'm', maxQueue: 2, affinity: true, onError })
})
places.after.each(() => placing?.close())

function workers(...running: number[]): WorkerPresence[] {
  const { info } = scriptedEngine()
  return running.map((busy, i) => ({
    id: `w${i}`,
    model: 'm',
    info,
    fingerprint: info.fingerprint,
    width: 4,
    running: busy,
  }))
}

async function put(
  id: string,
  request: GenerateRequest,
  there: WorkerPresence[],
  afresh = true,
  hasRoom = false,
): Promise<void> {
  const options = { request, workers: there, afresh, hasRoom, secondsFor: (waiting: number) => 10 * waiting }
  await placing.put(id, toWire(request, 'g', 0), options)
}

async function knows(worker: string, request: GenerateRequest): Promise<void> {
  await store.redis.client.set(prefixKey('m', prefixesOf(request).at(-1)!), worker)
}

test('a conversation goes to the worker that knows its beginning, while that one has room', async () => {
  await knows('w1', TALK)
  await put('a', TALK, workers(0, 0))
  assert.equal(placing.ofWorker('w1'), ['a'])
  await put('b', TALK, workers(0, 3))
  assert.equal(placing.ofWorker('w1'), ['a'])
  assert.is(await placing.shared.getJobCountByTypes('prioritized'), 1)
})

test('to nobody in particular where the worker that knew it is gone, and where there is one alone', async () => {
  await knows('gone', TALK)
  await put('a', TALK, workers(0, 0))
  await knows('w0', TALK)
  await put('b', TALK, workers(0))
  assert.equal([...placing.workers()], [])
})

test('takes no turn where workers have room for all: the store is not asked who waits', async () => {
  for (const hasRoom of [true, false])
    await put(`${hasRoom}`, { prompt: 'x', caller: 'one' }, workers(0), true, hasRoom)
  const jobs = await placing.shared.getJobs(['prioritized'])
  assert.equal(
    jobs.map(({ opts }) => opts.priority),
    [1, 1],
  )
  // The second alone has moved its caller's turn.
  assert.equal(await store.redis.client.hgetall(turnsKey('m', 'interactive')), { one: '1' })
})

test('a full queue refuses and says when to come again; what was begun has a place all the same', async () => {
  for (const id of ['a', 'b']) await put(id, { prompt: 'x' }, workers(4))
  const refused = await put('c', { prompt: 'x' }, workers(4)).catch((error: SequoiaError) => error)
  assert.equal([(refused as SequoiaError).code, (refused as SequoiaError).retryAfterSeconds], ['overloaded', 20])
  await put('c', { prompt: 'x' }, workers(4), false)
  const [first] = await placing.shared.getJobs(['waiting', 'prioritized'])
  assert.is(first.id, 'c')
  await put('d', { prompt: 'x', urgency: 'batch' }, workers(4))
})

test('what is in no queue any more is found; what is left of a worker’s own is removed', async () => {
  await knows('w0', TALK)
  await put('a', TALK, workers(0, 0))
  await put('b', { prompt: 'x' }, workers(0, 0))
  assert.equal(await placing.gone(['a', 'b']), [])
  await placing.sweep('w0')
  assert.equal(await placing.gone(['a', 'b']), ['a'])
  assert.equal(await store.redis.client.keys(`${PREFIX}:${ownQueueName('w0')}*`), [])
  await placing.remove('b')
  assert.is(await placing.shared.getJobCountByTypes('waiting', 'prioritized'), 0)
})

places.run()
