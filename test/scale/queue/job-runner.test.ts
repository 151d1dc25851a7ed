// @process native
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { GenerateRequest } from '../../../src/api/request.js'
import { prefixKey } from '../../../src/scale/queue/keys.js'
import { prefixesOf } from '../../../src/scale/queue/prefixes.js'
import { remoteEngine } from '../../../src/scale/queue/remote-engine.js'
import { worker } from '../../../src/scale/queue/worker.js'
import { countingEngine } from './counting-engine.js'
import { aroundRedis, withRedis } from './redis.js'

const all = suite('jobs of a worker')
const test = withRedis(all)
const store = aroundRedis(all)

const onError = (error: unknown): void => assert.unreachable(String(error))

/** A conversation of so many turns, each long enough to be known again. */
const turn = (count: number): GenerateRequest => ({
  messages: Array.from({ length: 2 * count - 1 }, (_, i) => ({
    role: i % 2 === 0 ? ('user' as const) : ('assistant' as const),
    content: `${i} `.repeat(200),
  })),
  maxTokens: 2,
  seed: 1,
})

test('leave word of what their worker knows, and the next turn comes to it', async () => {
  const engines = [1, 2].map(() => countingEngine('same', async () => undefined))
  const workers = await Promise.all(engines.map((engine) => worker({ redis: store.redis.url, engine, onError })))
  const engine = await remoteEngine({ redis: store.redis.url, model: 'counting', onError })
  while (engine.queue().workers < 2) await new Promise(setImmediate)
  for (let count = 1; count <= 8; count++) for await (const _ of engine.generate(turn(count)));
  assert.equal(
    engines.map(({ made }) => made).sort((a, b) => a - b),
    [0, 16],
  )
  const known = await store.redis.client.get(prefixKey('counting', prefixesOf(turn(8))[0]))
  assert.is(known, workers[engines.findIndex(({ made }) => made > 0)].id)
  await engine.close()
  for (const one of workers) await one.close()
})

test('go on elsewhere when the worker that they were sent to is closed', async () => {
  const pace = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5))
  const engines = [1, 2].map(() => countingEngine('same', pace))
  const workers = await Promise.all(engines.map((engine) => worker({ redis: store.redis.url, engine, onError })))
  const engine = await remoteEngine({ redis: store.redis.url, model: 'counting', onError })
  while (engine.queue().workers < 2) await new Promise(setImmediate)
  for await (const _ of engine.generate(turn(1)));
  const first = engines.findIndex(({ made }) => made > 0)
  const tokens: number[] = []
  let closed: Promise<void> | undefined
  for await (const part of engine.generate({ ...turn(2), maxTokens: 60 })) {
    tokens.push(...part.tokens)
    if (tokens.length === 20) closed = workers[first].close({ drainMs: 0 })
  }
  assert.equal(
    tokens,
    Array.from({ length: 60 }, (_, i) => i),
  )
  assert.ok(engines[1 - first].made > 0)
  await closed
  await engine.close()
  await workers[1 - first].close()
})

all.run()
