// @process own
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { GeneratePart } from '../../../src/api/answer.js'
import { AnswerLost, AnswerWriter } from '../../../src/scale/queue/answer-writer.js'
import { answerKeys, gatewayKey } from '../../../src/scale/queue/keys.js'
import type { AnswerEntry } from '../../../src/scale/queue/wire.js'
import { aroundRedis, withRedis } from './redis.js'

const writers = suite('writers of an answer')
const test = withRedis(writers)
const store = aroundRedis(writers)

const part = (text: string, more: Partial<GeneratePart> = {}): GeneratePart => ({
  text,
  tokens: [1],
  accepted: 0,
  ...more,
})

/** What lies in the stream, texts joined and the end as `.`. */
async function written(id: string): Promise<string> {
  const entries = await store.redis.client.xrange(answerKeys(id).stream, '-', '+')
  return entries
    .map(([, [, text]]) => JSON.parse(text) as AnswerEntry)
    .map(({ parts, end }) => parts.map(({ text }) => text).join('') + (end ? '.' : ''))
    .join('')
}

const begin = (id: string): Promise<AnswerWriter> => AnswerWriter.begin(store.redis.client, id, 'gateway')

/** Why a writer may not go on. */
const lost = (writing: Promise<unknown>): Promise<string> =>
  writing.then(
    () => 'went on',
    (error: AnswerLost) => error.why,
  )

writers.before.each(() => void store.redis?.client.set(gatewayKey('gateway'), '1'))

test('say all parts in order, then how it ended', async () => {
  const writer = await begin('order')
  for (const text of 'abcdef') await writer.add(part(text))
  await writer.end(null)
  assert.is(await written('order'), 'abcdef.')
})

test('know what earlier attempts said, and take the answer from them', async () => {
  const first = await begin('taken')
  await first.add(part('a'))
  await first.end(null).catch(() => undefined)
  const early = await begin('early')
  await early.add(part('a', { finishReason: 'stop' }))
  const second = await begin('early')
  assert.is(await lost(early.end(null)), 'taken over')
  assert.equal([second.isWhole, second.hasEnded], [true, false])
  const third = await begin('taken')
  assert.equal([third.said.flatMap(({ parts }) => parts.map(({ text }) => text)), third.hasEnded], [['a'], true])
})

test('stop where nobody reads any more: the answer was given up, or its gateway is gone', async () => {
  const { client } = store.redis
  const aborted = await begin('aborted')
  await client.hset(answerKeys('aborted').state, 'aborted', '1')
  assert.is(await lost(aborted.end(null)), 'given up')
  const orphan = await begin('orphan')
  await client.del(gatewayKey('gateway'))
  assert.is(await lost(orphan.end(null)), 'given up')
  assert.equal([await written('aborted'), await written('orphan')], ['', ''])
})

test('leave answers that expire by themselves', async () => {
  const writer = await begin('expires')
  await writer.end({ code: 'timeout', message: 'late', param: null })
  const { stream, state } = answerKeys('expires')
  for (const key of [stream, state]) assert.ok((await store.redis.client.pttl(key)) > 0, key)
})

writers.run()
