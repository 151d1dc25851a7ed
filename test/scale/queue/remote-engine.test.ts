// @process native
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { GenerateRequest } from '../../../src/api/request.js'
import { remoteEngine } from '../../../src/scale/queue/remote-engine.js'
import { worker } from '../../../src/scale/queue/worker.js'
import { countingEngine, textOf } from './counting-engine.js'
import { aroundRedis, leftovers, withRedis } from './redis.js'

const all = suite('an engine behind a queue')
const queue = withRedis(all)
const store = aroundRedis(all)

const unexpected = (error: unknown): void => {
  throw error
}

async function opened(pace: () => Promise<void> = async () => undefined) {
  const local = countingEngine('same', pace)
  const hand = await worker({ redis: store.redis.url, engine: local, width: 4, onError: unexpected })
  const engine = await remoteEngine({ redis: store.redis.url, model: 'counting', onError: unexpected })
  const close = async (): Promise<void> => {
    await engine.close({ drainMs: 0 })
    await hand.close({ drainMs: 0 })
  }
  const text = async (request: GenerateRequest): Promise<string> => {
    let all = ''
    for await (const part of engine.generate(request)) all += part.text
    return all
  }
  return { local, hand, engine, text, close }
}

queue('answers as the engine itself does, seed for seed', async () => {
  const { text, close } = await opened()
  assert.is(await text({ prompt: 'a', maxTokens: 5, seed: 7 }), textOf(7, 5))
  const large = 2n ** 63n + 1n
  assert.is(await text({ prompt: 'a', maxTokens: 3, seed: large }), textOf(large, 3))
  await close()
})

queue('answers more requests at once than a worker is wide', async () => {
  const { text, close } = await opened()
  const texts = await Promise.all(Array.from({ length: 40 }, (_, seed) => text({ prompt: 'a', maxTokens: 20, seed })))
  texts.forEach((one, seed) => assert.is(one, textOf(seed, 20)))
  await close()
})

queue('leaves nothing in the store when answers have ended', async () => {
  const { text, close } = await opened()
  await Promise.all([1, 2, 3].map((seed) => text({ prompt: 'a', maxTokens: 4, seed })))
  assert.equal(await store.redis.client.keys('sequoia:answer:*'), [])
  await close()
  assert.equal(await leftovers(store.redis.client), [])
})

queue('throws what the engine throws, with its code', async () => {
  const { engine, close } = await opened()
  let text = ''
  const error = await (async () => {
    for await (const part of engine.generate({ prompt: 'fail', seed: 1 })) text += part.text
  })().catch((thrown: { code: string }) => thrown)
  assert.is((error as { code: string }).code, 'context_overflow')
  assert.is(text, textOf(1, 2))
  await close()
})

queue('stops the worker within a step when its reader leaves or aborts', async () => {
  const { engine, local, close } = await opened(() => new Promise((resolve) => setTimeout(resolve, 5)))
  for await (const _ of engine.generate({ prompt: 'a', maxTokens: 100_000, seed: 1 })) break
  while (local.open > 0) await new Promise(setImmediate)
  const control = new AbortController()
  const reasons: unknown[] = []
  for await (const part of engine.generate({ prompt: 'a', maxTokens: 100_000, seed: 1, signal: control.signal })) {
    control.abort()
    if (part.finishReason) reasons.push(part.finishReason)
  }
  assert.equal(reasons, ['abort'])
  while (local.open > 0) await new Promise(setImmediate)
  assert.ok(local.made < 1000)
  await close()
})

queue('refuses more than may wait', async () => {
  const { hand, close } = await opened(() => new Promise((resolve) => setTimeout(resolve, 2)))
  const engine = await remoteEngine({ redis: store.redis.url, model: 'counting', maxQueue: 2, onError: unexpected })
  const control = new AbortController()
  const run = async (): Promise<unknown> => {
    for await (const _ of engine.generate({ prompt: 'a', maxTokens: 1e6, seed: 1, signal: control.signal }));
    return 'done'
  }
  const runs = Array.from({ length: 12 }, async () => {
    await new Promise((resolve) => setTimeout(resolve, 100 * Math.random()))
    return run().catch((error: { code: string }) => error.code)
  })
  const first = await Promise.race(runs)
  assert.is(first, 'overloaded')
  control.abort()
  await Promise.all(runs)
  await engine.close({ drainMs: 0 })
  assert.ok(hand.id)
  await close()
})

queue('without a worker is not opened, and says how to start one', async () => {
  const error = await remoteEngine({ redis: store.redis.url, model: 'nobody', waitMs: 50, onError: unexpected }).catch(
    (thrown: Error) => thrown,
  )
  assert.match((error as Error).message, /no worker serves "nobody"; start one: sequoia worker --model nobody/)
})

queue('waits for a reader that is slow, and goes on when it reads', async () => {
  const { engine, local, close } = await opened()
  const parts = engine.generate({ prompt: 'a', maxTokens: 20_000, seed: 3 })[Symbol.asyncIterator]()
  await parts.next()
  for (let made = -1; made !== local.made;) {
    made = local.made
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  assert.ok(local.made < 20_000)
  let count = 1
  for (let next = await parts.next(); !next.done; next = await parts.next()) count += next.value.tokens.length
  assert.is(count, 20_000)
  await close()
})

queue('ends though somebody has stopped reading in the middle of an answer', async () => {
  const { engine, close } = await opened()
  const answer = engine.generate({ prompt: 'a', maxTokens: 1_000, seed: 1 })[Symbol.asyncIterator]()
  assert.is((await answer.next()).value!.text, textOf(1, 1))
  await close()
})

all.run()
