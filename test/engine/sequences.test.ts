/** How sequences open, and what they leave to those that come later. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { BLOCK } from '../../src/engine/prefix-cache.js'
import type { Sequence } from '../../src/engine/sequence.js'
import { release } from '../../src/engine/sequence.js'
import { Desk, errorOf } from '../support/desk.js'

const PROMPT = Array.from({ length: BLOCK + 3 }, (_, i) => i % 3)

async function opened(desk: Desk): Promise<Sequence> {
  return desk.admission.sequences.begin(desk.run({ promptTokens: PROMPT }), null)
}

/** As if the text had been read to its end. */
function read({ cache, tokens }: Sequence): void {
  cache.keep(cache.allocate(tokens.length - cache.length))
}

test('a text that ended leaves its blocks to prompts that begin alike, which count them as cached', async () => {
  const desk = new Desk()
  const first = await opened(desk)
  assert.equal([first.cache.length, first.record.cachedTokens], [0, 0])
  read(first)
  await desk.batch.between(async () => {
    await desk.target.memory.makeRoom(2 * BLOCK)
    await desk.admission.sequences.learn(first)
  })
  release(first)
  assert.ok(desk.admission.sequences.prefixBytes > 0)
  const second = await opened(desk)
  assert.equal([second.cache.length, second.record.cachedTokens], [BLOCK, BLOCK])
  release(second)
})

test('drafters are shown the answer with the end of its prompt', async () => {
  const desk = new Desk()
  const sequence = await opened(desk)
  sequence.tokens.push(0, 0, 1)
  await desk.admission.sequences.learn(sequence)
  assert.equal(desk.drafter.calls, [`ended ${[...PROMPT.slice(-8), 0, 0, 1].join()}`])
})

test('a request that ignores the end stops at its own stop tokens alone', async () => {
  const desk = new Desk({ stopTokens: [1] })
  assert.equal([...(await desk.begin({ stopTokenIds: [2] })).stopTokens], [1, 2])
  assert.equal([...(await desk.begin({ stopTokenIds: [2], ignoreEos: true })).stopTokens], [2])
})

test('a drafter that cannot begin leaves nothing behind', async () => {
  const desk = new Desk()
  desk.drafter.begin = () => {
    throw new Error('no memory')
  }
  assert.is((await errorOf(() => opened(desk))).message, 'no memory')
  const { memory } = desk.target
  for (const sequence of Array.from({ length: 4 }, () => memory.open())) sequence.release()
})

test('blocks that cannot be restored leave nothing behind', async () => {
  const desk = new Desk()
  const first = await opened(desk)
  read(first)
  await desk.target.memory.makeRoom(2 * BLOCK)
  await desk.admission.sequences.learn(first)
  release(first)
  desk.target.memory.restore = () => Promise.reject(new Error('disk'))
  assert.is((await errorOf(() => opened(desk))).message, 'disk')
  assert.is(desk.target.memory.usage.slotsUsed, 0)
  assert.ok(desk.drafter.calls.includes('release'))
})

test.run()
