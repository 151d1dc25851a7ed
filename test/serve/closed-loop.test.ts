// @process native
/**
 * As many clients as may decode and wait, on the micro pair: each asks again the moment it has its answer's end or has
 * left it, and none is refused.
 */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Engine } from '../../src/api/types.js'
import { openEngine } from '../../src/index.js'
import type { Endpoint } from '../../src/serve/endpoint.js'
import { createGateway, type Gateway } from '../../src/serve/gateway.js'
import { eventually } from '../support/http-app.js'

const BATCH = 2
const QUEUE = 2
const ROUNDS = 12

const loop = suite('clients in a closed loop')
let engine: Engine
let gateway: Gateway
loop.before(async () => {
  engine = await openEngine({ target: 'micro', maxBatch: BATCH, maxQueue: QUEUE })
  gateway = createGateway({ engine })
})
loop.after(() => engine.close())

const ASKS: readonly [Endpoint, object][] = [
  ['completions', { prompt: 'This package is', max_tokens: 5 }],
  ['chat', { messages: [{ role: 'user', content: 'hi' }], max_tokens: 5 }],
  ['responses', { input: 'This package is', max_output_tokens: 5 }],
]

/** The event by which a client knows that its answer is complete. */
const isEnd = (event: string): boolean => /"finish_reason":"|event: response\.(completed|incomplete)/.test(event)

/** Asks once; resolves at the answer's end, while what the server does after it goes on. Resolves with the status. */
async function ask(endpoint: Endpoint, body: object, leaves: boolean): Promise<number> {
  const controller = new AbortController()
  const reply = await gateway.answer(endpoint, { model: 'micro', stream: true, ...body }, controller.signal)
  if (!('events' in reply)) return reply.status
  for (let event = await reply.events.next(); !event.done && !isEnd(event.value); event = await reply.events.next()) {
    if (leaves) break
  }
  if (leaves) controller.abort()
  void reply.events.next().then(() => reply.events.return())
  return reply.status
}

loop('none of as many clients as have room is ever refused', async () => {
  const statuses = await Promise.all(
    Array.from({ length: BATCH + QUEUE }, async (_, client) => {
      const seen: number[] = []
      for (let round = 0; round < ROUNDS; round++)
        seen.push(await ask(...ASKS[(client + round) % ASKS.length], round % 4 === 3))
      return seen
    }),
  )
  assert.equal(statuses.flat(), Array(ROUNDS * (BATCH + QUEUE)).fill(200))
  await eventually(() => engine.usage().running === 0)
})

loop('one more than have room is', async () => {
  const all = await Promise.all(
    Array.from({ length: BATCH + QUEUE + 1 }, () =>
      gateway.answer('completions', { model: 'micro', ...ASKS[0][1] }, new AbortController().signal),
    ),
  )
  assert.equal(all.map(({ status }) => status).sort(), [200, 200, 200, 200, 429])
})

loop.run()
