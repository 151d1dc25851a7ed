// @process native
import * as assert from 'uvu/assert'
import { once } from 'node:events'
import { suite } from 'uvu'
import { startThread } from '../../../src/common/start-thread.js'
import type { KeeperData, KeeperMessage } from '../../../src/scale/queue/keeper-thread.js'
import { workersNow } from '../../../src/scale/queue/presence.js'
import { scriptedEngine } from '../../support/scripted-engine.js'
import { aroundRedis, withRedis } from './redis.js'

const keepers = suite('the sign of life of a worker')
const test = withRedis(keepers)
const store = aroundRedis(keepers)

test('is there when the thread says that it is ready, tells how much runs, and ends with the thread', async () => {
  const { info } = scriptedEngine()
  const presence = { id: 'w', model: 'm', info, fingerprint: info.fingerprint, width: 8, running: 0 }
  const workerData: KeeperData = { url: store.redis.url, lockMs: 1000, presence }
  const thread = startThread(import.meta.url, '../../../src/scale/queue/keeper-thread', { workerData })
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
  const say = (message: KeeperMessage): void => thread.postMessage(message)
  assert.equal(await once(thread, 'message'), ['ready'])
  assert.equal(await workersNow(store.redis.client), [presence])
  say({ kind: 'here', running: 2 })
  while ((await workersNow(store.redis.client))[0].running !== 2);
  const exited = once(thread, 'exit')
  say({ kind: 'end' })
  assert.equal(await exited, [0])
})

keepers.run()
