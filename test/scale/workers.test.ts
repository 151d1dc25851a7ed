// @process native
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { GenerateRequest } from '../../src/api/types.js'
import { remoteEngine } from '../../src/scale/queue/index.js'
import { closeEngines, engineFor } from '../support/engines.js'
import { fleetOf } from '../support/worker-fleet.js'
import { aroundRedis, withRedis } from './queue/redis.js'

const all = suite('workers of the micro pair')
const workers = withRedis(all)
const store = aroundRedis(all)

all.after(closeEngines)

const REQUESTS: GenerateRequest[] = Array.from({ length: 6 }, (_, i) => ({
  prompt: ['This package is', '# API\n\n## Usage\n\n', 'Install with npm. '][i % 3],
  maxTokens: 300,
  temperature: i % 2 === 0 ? 0 : 0.9,
  seed: i,
  ignoreEos: true,
}))

workers(
  'a worker that is killed in the middle of answers leaves texts that are those of an undisturbed run',
  async () => {
    const local = await engineFor({ target: 'micro' })
    const expected = await Promise.all(
      REQUESTS.map(async (request) => {
        let text = ''
        for await (const part of local.generate(request)) text += part.text
        return text
      }),
    )
    const fleet = fleetOf(store.redis.url)
    await fleet.add()
    const engine = await remoteEngine({ redis: store.redis.url, model: 'micro' })
    await fleet.add()
    let parts = 0
    let killed: Promise<void> | undefined
    const texts = await Promise.all(
      REQUESTS.map(async (request) => {
        let text = ''
        const tokens: number[] = []
        for await (const part of engine.generate(request)) {
          text += part.text
          tokens.push(...part.tokens)
          if (++parts === 150) killed = fleet.killOldest()
        }
        assert.is(tokens.length, 300)
        return text
      }),
    )
    assert.ok(killed)
    await killed
    texts.forEach((text, i) => assert.is(text, expected[i]))
    assert.equal(await store.redis.client.keys('sequoia:answer:*'), [])
    await engine.close()
    await fleet.close()
  },
)

all.run()
