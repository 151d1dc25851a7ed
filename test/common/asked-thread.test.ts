/** A thread that answers questions: lazily started, started again, closed. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { AskedThread } from '../../src/common/asked-thread.js'
import { startThread } from '../../src/common/start-thread.js'

interface Answer {
  id: number
  text: string
}

function thread(): { asked: AskedThread<{ text: string }, Answer>; starts: () => number } {
  let starts = 0
  const asked = new AskedThread<{ text: string }, Answer>({
    start: async () => {
      starts += 1
      return startThread(import.meta.url, 'answering-thread', {})
    },
    closed: () => new Error('closed'),
    ended: (cause) => new Error(`ended: ${String(cause)}`),
  })
  return { asked, starts: () => starts }
}

const messageOf = (failing: Promise<unknown>): Promise<string> =>
  failing.then(
    () => 'no error',
    (error: Error) => error.message,
  )

test('it is started by the first question, and each question gets its own answer', async () => {
  const { asked, starts } = thread()
  assert.is(starts(), 0)
  const answers = await Promise.all(['a', 'b', 'c'].map((text) => asked.ask({ text })))
  assert.equal(
    answers.map(({ text }) => text),
    ['a!', 'b!', 'c!'],
  )
  assert.is(starts(), 1)
  await asked.close()
})

test('questions that it leaves open by ending fail with its reason, and the next one starts it again', async () => {
  const { asked, starts } = thread()
  const open = asked.ask({ text: 'wait' })
  assert.match(await messageOf(Promise.race([open, asked.ask({ text: 'end' })])), /ended: Error: asked to end/)
  assert.match(await messageOf(open), /ended/)
  assert.is((await asked.ask({ text: 'again' })).text, 'again!')
  assert.is(starts(), 2)
  await asked.close()
})

test('memory of a question is handed over where that is asked for', async () => {
  const asked = new AskedThread<{ text: string; bytes: Uint8Array }, Answer>({
    start: async () => startThread(import.meta.url, 'answering-thread', {}),
    closed: () => new Error('closed'),
    ended: (cause) => new Error(`ended: ${String(cause)}`),
  })
  const [kept, given] = [new Uint8Array(3), new Uint8Array(3)]
  await asked.ask({ text: 'a', bytes: kept })
  assert.is((await asked.ask({ text: 'b', bytes: given }, [given.buffer])).text, 'b!')
  assert.equal([kept.length, given.length], [3, 0])
  await asked.close()
})

test('closing fails what is open and what comes after', async () => {
  const { asked } = thread()
  await asked.ask({ text: 'a' })
  const open = messageOf(asked.ask({ text: 'wait' }))
  await new Promise(setImmediate)
  await asked.close()
  assert.is(await open, 'closed')
  assert.is(await messageOf(asked.ask({ text: 'b' })), 'closed')
})

test.run()
