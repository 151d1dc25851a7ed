// @process native
import { EventEmitter, once } from 'node:events'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Queue } from 'bullmq'
import { PREFIX, queueName, WORKERS } from '../../../src/scale/queue/keys.js'
import { announce } from '../../../src/scale/queue/presence.js'
import { QueueWatch } from '../../../src/scale/queue/watch.js'
import { scriptedEngine } from '../../support/scripted-engine.js'
import { aroundRedis, withRedis } from './redis.js'

const watches = suite('what a gateway knows of its queue')
const test = withRedis(watches)
const store = aroundRedis(watches)

test("is its model's workers, their places, and who waits; workers that are gone are told once", async () => {
  const { client: redis } = store.redis
  const { info } = scriptedEngine()
  const worker = { info, fingerprint: 'f', width: 4, running: 3 }
  await announce(redis, { ...worker, id: 'a', model: 'm' })
  await announce(redis, { ...worker, id: 'b', model: 'm', running: 1 })
  await announce(redis, { ...worker, id: 'c', model: 'other' })
  await redis.sadd(WORKERS, 'gone')
  const queue = new Queue(queueName('m'), { connection: redis, prefix: PREFIX })
  await queue.add('generate', {}, { priority: 3 })
  await queue.add('generate', {})
  const gone: string[] = []
  const events = new EventEmitter()
  const watch = new QueueWatch({
    redis,
    queue,
    model: 'm',
    onGone: (id) => gone.push(id),
    onLook: async () => void events.emit('look'),
    onError: (error) => assert.unreachable(String(error)),
  })
  assert.is(watch.state.workers, 0)
  watch.start()
  await once(events, 'look')
  watch.stop()
  assert.equal(watch.state, { workers: 2, places: 8, running: 4, waiting: 2 })
  assert.equal(
    [2, 3].map((more) => watch.hasRoom(more)),
    [true, false],
  )
  await watch.look()
  assert.equal(gone, ['gone'])
  await queue.close()
})

watches.run()
