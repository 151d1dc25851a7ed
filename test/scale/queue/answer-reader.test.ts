// @process own
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

readers.before.each(async () => {
  if (store.redis)
    reader = await AnswerReader.open(store.redis.client, 'g', (error) => assert.unreachable(String(error)))
})
readers.after.each(() => reader?.close())

async function write(id: string, entry: AnswerEntry): Promise<void> {
  await store.redis.client.xadd(answerKeys(id).stream, '*', 'entry', JSON.stringify(entry))
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
  await write('a', says('early '))
  const texts = ['a', 'b'].map((id) => textOf(reader.read(id, signal)))
  for (const id of ['a', 'b']) await write(id, says(id))
  for (const id of ['a', 'b']) await write(id, END)
  assert.equal(await Promise.all(texts), ['early a', 'b'])
})

test('tells the worker how far it is, once it has nothing left to read', async () => {
  const entries = reader.read('c', new AbortController().signal)
  await write('c', says('x'))
  await write('c', says('y'))
  await entries.next()
  await entries.next()
  const end = entries.next()
  for (let taken: string | null = null; taken !== '2';)
    taken = await store.redis.client.hget(answerKeys('c').state, 'taken')
  await write('c', END)
  assert.ok((await end).value!.end)
})

test('ends an answer that is over, and says that its gateway lives until it is closed', async () => {
  const over = new AbortController()
  const text = textOf(reader.read('d', over.signal))
  over.abort()
  assert.is(await text, '')
  assert.ok((await store.redis.client.pttl(gatewayKey('g'))) > 0)
  await reader.close()
  assert.is(await store.redis.client.exists(gatewayKey('g')), 0)
})

readers.run()
