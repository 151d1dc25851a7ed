// @process native
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { remoteEngine } from '../../../src/scale/queue/remote-engine.js'
import { worker } from '../../../src/scale/queue/worker.js'
import { tempFolder } from '../../support/temp-folder.js'
import { countingEngine, textOf } from './counting-engine.js'
import { leftovers, startRedis, withRedis } from './redis.js'

const all = suite('a store that is killed and started again under load')
const test = withRedis(all)

const TOKENS = 60
const ANSWERS = 12

/** Kills the store in the middle of answers, more than its workers have places for, and reads them to their ends. */
async function answersAround(args: readonly string[]): Promise<{ texts: string[]; left: string[] }> {
  const store = await startRedis(args)
  const pace = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5))
  const unexpected: unknown[] = []
  const onError = (error: unknown): void => void unexpected.push(error)
  const hands = [1, 2].map(() => worker({ redis: store.url, engine: countingEngine('same', pace), width: 4, onError }))
  const workers = await Promise.all(hands)
  const engine = await remoteEngine({ redis: store.url, model: 'counting', onError })
  let parts = 0
  const texts = await Promise.all(
    Array.from({ length: ANSWERS }, async (_, seed) => {
      let text = ''
      for await (const part of engine.generate({ prompt: 'a', maxTokens: TOKENS, seed })) {
        text += part.text
        if (++parts === 100) void store.kill().then(store.start)
      }
      return text
    }),
  )
  await engine.close()
  for (const one of workers) await one.close()
  const left = await leftovers(store.client)
  await store.close()
  // Each of the three is told once that the store is away.
  assert.ok(unexpected.length <= 3, String(unexpected))
  return { texts, left }
}

const EXPECTED = Array.from({ length: ANSWERS }, (_, seed) => textOf(seed, TOKENS))

test('with all it had been told: every answer is whole, no token twice', async () => {
  const { texts, left } = await answersAround(['--appendonly', 'yes', '--appendfsync', 'always', '--dir', tempFolder()])
  assert.equal(texts, EXPECTED)
  assert.equal(left, [])
})

test('with nothing of it: answers are asked for anew behind what was said', async () => {
  const { texts, left } = await answersAround([])
  assert.equal(texts, EXPECTED)
  assert.equal(left, [])
})

all.run()
