// @process native
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

/** A writer of an answer that is waited for. */
async function begin(id: string): Promise<AnswerWriter> {
  await store.redis.client.sadd(gatewayKey('gateway'), id)
  return AnswerWriter.begin(store.redis.client, id, 'gateway', 'kind')
}

/** Why a writer may not go on. */
const lost = (writing: Promise<unknown>): Promise<string> =>
  writing.then(
    () => 'went on',
    (error: AnswerLost) => error.why,
  )

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
  assert.equal([third.said.map(({ by }) => by), third.tokens, third.hasEnded], [['kind', undefined], [1], true])
})

test('say an entry once that is sent twice: the connection was cut before the store said that it had it', async () => {
  const { client } = store.redis
  const sent = client.evalsha.bind(client)
  const twice = async (...args: Parameters<typeof sent>): Promise<unknown> => {
    await sent(...args)
    return sent(...args)
  }
  const cut = new Proxy(client, { get: (of, name) => (name === 'evalsha' ? twice : Reflect.get(of, name, of)) })
  await client.sadd(gatewayKey('gateway'), 'twice')
  const writer = await AnswerWriter.begin(cut, 'twice', 'gateway', 'kind')
  await writer.add(part('a'))
  await writer.end(null)
  assert.is(await written('twice'), 'a.')
})

test('stop where nobody reads any more, and do not begin', async () => {
  const writer = await begin('left')
  await store.redis.client.srem(gatewayKey('gateway'), 'left')
  assert.is(await lost(writer.end(null)), 'given up')
  assert.is(await lost(AnswerWriter.begin(store.redis.client, 'unwanted', 'gateway', 'kind')), 'given up')
  assert.equal(await written('left'), '')
  assert.is(await store.redis.client.exists(answerKeys('unwanted').state), 0)
})

test('leave answers that expire by themselves', async () => {
  const writer = await begin('expires')
  await writer.end({ code: 'timeout', message: 'late', param: null })
  const { stream, state } = answerKeys('expires')
  for (const key of [stream, state]) assert.ok((await store.redis.client.pttl(key)) > 0, key)
})

writers.run()
