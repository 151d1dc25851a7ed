// @process native
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { AnswerReader } from '../../../src/scale/queue/answer-reader.js'
import { answerKeys, gatewayKey } from '../../../src/scale/queue/keys.js'
import type { AnswerEntry } from '../../../src/scale/queue/wire.js'
import { aroundRedis, withRedis } from './redis.js'

const readers = suite('the reader of answers')
const test = withRedis(readers)
const store = aroundRedis(readers)
let reader: AnswerReader

readers.before.each(() => {
  if (!store.redis) return
  const { client } = store.redis
  reader = new AnswerReader(client, client.duplicate(), 'g', (error) => assert.unreachable(String(error)))
})
readers.after.each(() => reader?.close())

let count = 0
readers.before.each(() => void (count = 0))

/** The next entry of any answer, unless it says which. */
async function write(id: string, entry: AnswerEntry, number = ++count): Promise<void> {
  await store.redis.client.xadd(answerKeys(id).stream, `${number}-1`, 'entry', JSON.stringify(entry))
}

async function read(id: string, signal: AbortSignal): Promise<AsyncGenerator<AnswerEntry, void, undefined>> {
  await reader.want(id)
  return reader.read(id, signal)
}

const says = (text: string): AnswerEntry => ({ parts: [{ text, tokens: [1], accepted: 0 }] })
const END: AnswerEntry = { parts: [], end: { error: null } }

async function textOf(entries: AsyncIterable<AnswerEntry>): Promise<string> {
  let text = ''
  for await (const { parts } of entries) text += parts.map((part) => part.text).join('')
  return text
}

test('gives each of several answers its own entries, whether they came before or come later', async () => {
  const { signal } = new AbortController()
  await write('a', says('early '), 1)
  const texts = ['a', 'b'].map(async (id) => textOf(await read(id, signal)))
  await write('a', says('a'), 2)
  await write('b', says('b'), 1)
  await write('a', END, 3)
  await write('b', END, 2)
  assert.equal(await Promise.all(texts), ['early a', 'b'])
})

test('tells the worker how far it is, when it has read enough and nothing is left', async () => {
  const { client } = store.redis
  const entries = await read('c', new AbortController().signal)
  const { parts } = says('x')
  await write('c', { parts: Array.from({ length: 60 }, () => parts[0]) })
  await entries.next()
  const second = entries.next()
  await write('c', { parts: Array.from({ length: 4 }, () => parts[0]) })
  await second
  assert.is(await client.hget(answerKeys('c').state, 'taken'), null)
  const end = entries.next()
  for (let taken: string | null = null; taken !== '64';) taken = await client.hget(answerKeys('c').state, 'taken')
  await write('c', END)
  assert.ok((await end).value!.end)
})

test('ends an answer that is over; it is wanted, until it is left', async () => {
  const { client } = store.redis
  const over = new AbortController()
  const text = textOf(await read('d', over.signal))
  over.abort()
  assert.is(await text, '')
  assert.ok((await client.pttl(gatewayKey('g'))) > 0)
  assert.equal(await client.smembers(gatewayKey('g')), ['d'])
  await reader.leave('d')
  assert.is(await client.exists(gatewayKey('g')), 0)
})

test('says anew what is wanted where the store forgot it', async () => {
  const { client } = store.redis
  const entries = await read('e', new AbortController().signal)
  await client.flushall()
  await reader.sayAlive()
  assert.equal(await client.smembers(gatewayKey('g')), ['e'])
  await write('e', END)
  assert.ok((await entries.next()).value!.end)
})

test('ends an answer of which the store lost some, behind what came', async () => {
  const text = read('f', new AbortController().signal).then(textOf)
  await write('f', says('one '), 1)
  await write('f', says('three'), 3)
  assert.is(await text, 'one ')
  assert.equal(reader.underWay(), [])
})

readers.run()
