/** A request's way in and out: its place, its sequence, and that all it held is given back once. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Run } from '../../src/engine/run.js'
import { SequoiaError } from '../../src/spec/errors.js'
import { Desk, errorOf } from '../support/desk.js'

function run(desk: Desk, given: { signal?: AbortSignal } = {}): Run {
  return desk.run({ promptTokens: [2], maxTokens: 4, draft: 'none', ...given })
}

test('a request enters, and its end gives back its place, its slots and its lane', async () => {
  const desk = new Desk()
  const { admission } = desk
  const one = run(desk)
  const sequence = (await admission.enter(one))!
  sequence.cache.keep(sequence.cache.allocate(3))
  assert.equal([admission.open, admission.queue.running], [1, 1])
  await Promise.all([admission.end(one), admission.end(one)])
  assert.equal([admission.open, admission.queue.running, desk.target.memory.usage.slotsUsed], [0, 0, 0])
  assert.is(sequence.cache.isOpen, false)
  assert.is(desk.context.recorder.totals.ended.abort, 1, 'ended once, before its text was complete')
})

test('those beyond the places wait, those beyond the queue are refused, and a place goes to who waited', async () => {
  const desk = new Desk({ limits: { maxBatch: 1, maxQueue: 1 } })
  const { admission } = desk
  const [first, second, third] = [run(desk), run(desk), run(desk)]
  await admission.enter(first)
  const waiting = admission.enter(second)
  assert.is((await errorOf(() => admission.enter(third))).code, 'overloaded')
  await admission.end(third)
  await admission.end(first)
  assert.is.not(await waiting, null)
  await admission.end(second)
  assert.is(admission.open, 0)
})

test('who is aborted while waiting gets no sequence and leaves the queue', async () => {
  const desk = new Desk({ limits: { maxBatch: 1, maxQueue: 1 } })
  const { admission } = desk
  const controller = new AbortController()
  const [first, second] = [run(desk), run(desk, { signal: controller.signal })]
  await admission.enter(first)
  const waiting = admission.enter(second)
  controller.abort()
  assert.is(await waiting, null)
  assert.is(admission.queue.waiting, 0)
  await admission.end(second)
  await admission.end(first)
})

test('an abort gives everything back though nobody reads on', async () => {
  const desk = new Desk()
  const controller = new AbortController()
  const one = run(desk, { signal: controller.signal })
  await desk.admission.enter(one)
  controller.abort()
  await one.ended
  assert.equal([desk.admission.open, desk.admission.queue.running], [0, 0])
})

test('a request that the engine has ended already is told why', async () => {
  const desk = new Desk()
  const one = run(desk)
  one.stop(new SequoiaError('closed', 'the engine closes'))
  assert.is((await errorOf(() => desk.admission.enter(one))).code, 'closed')
})

test('closed, it takes no more and waits for those who run', async () => {
  const desk = new Desk()
  const { admission } = desk
  const one = run(desk)
  await admission.enter(one)
  let isClosed = false
  const closed = admission.close().then(() => (isClosed = true))
  assert.throws(() => admission.assertOpen(), /the engine is closed/)
  await Promise.resolve()
  assert.is(isClosed, false)
  admission.stop(new SequoiaError('closed', 'no more'))
  await closed
  assert.equal([one.isOver, admission.open], [true, 0])
})

test.run()
