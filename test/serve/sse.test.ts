import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { events } from '../../src/serve/sse.js'

const options = { keepAliveMs: 60_000, toEvent: (error: unknown) => ({ type: 'error', message: String(error) }) }

async function* chunks(texts: readonly string[], failure?: Error): AsyncGenerator<object, void, undefined> {
  for (const text of texts) yield { type: 'text', text }
  if (failure) throw failure
}

async function all(texts: AsyncIterable<string>): Promise<string[]> {
  const found: string[] = []
  for await (const text of texts) found.push(text)
  return found
}

test('each chunk is an event, and [DONE] the last', async () => {
  assert.equal(await all(events(chunks(['a', 'line\nline']), options)), [
    'data: {"type":"text","text":"a"}\n\n',
    'data: {"type":"text","text":"line\\nline"}\n\n',
    'data: [DONE]\n\n',
  ])
})

test('named events go by their type, without [DONE]', async () => {
  assert.equal(await all(events(chunks(['a']), { ...options, named: true })), [
    'event: text\ndata: {"type":"text","text":"a"}\n\n',
  ])
})

test('a failure is an event, and the end', async () => {
  assert.equal(await all(events(chunks(['a'], new Error('broke')), options)), [
    'data: {"type":"text","text":"a"}\n\n',
    'data: {"type":"error","message":"Error: broke"}\n\n',
  ])
})

test('comments go out while nothing comes', async () => {
  let arrive = (): void => {}
  async function* late(): AsyncGenerator<object, void, undefined> {
    await new Promise<void>((resolve) => (arrive = resolve))
    yield {}
  }
  const stream = events(late(), { ...options, keepAliveMs: 1 })
  assert.is((await stream.next()).value, ': keep-alive\n\n')
  arrive()
  assert.equal(
    (await all(stream)).filter((text) => !text.startsWith(':')),
    ['data: {}\n\n', 'data: [DONE]\n\n'],
  )
})

test('leaving the events leaves the chunks', async () => {
  let left = false
  async function* endless(): AsyncGenerator<object, void, undefined> {
    try {
      for (;;) yield {}
    } finally {
      left = true
    }
  }
  for await (const _ of events(endless(), options)) break
  assert.ok(left)
})

test.run()
