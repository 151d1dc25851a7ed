import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Conversation } from '../../../src/cli/chat/conversation.js'

test('turns follow one another below the system prompt', () => {
  const talk = new Conversation('Be brief.')
  talk.ask('Hi')
  talk.answer('Hello')
  talk.ask('Bye')
  assert.equal(talk.messages, [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: 'Hello' },
    { role: 'user', content: 'Bye' },
  ])
})

test('a question without an answer is forgotten: roles must take turns', () => {
  const talk = new Conversation()
  talk.ask('Hi')
  talk.answer('')
  assert.equal(talk.messages, [])
})

test('the last question is taken back with its answer, and only that', () => {
  const talk = new Conversation()
  assert.is(talk.takeBack(), null)
  for (const n of [1, 2]) {
    talk.ask(`question ${n}`)
    talk.answer(`answer ${n}`)
  }
  assert.is(talk.takeBack(), 'question 2')
  assert.equal(
    talk.messages.map(({ content }) => content),
    ['question 1', 'answer 1'],
  )
})

test('clearing keeps the system prompt', () => {
  const talk = new Conversation('Be brief.')
  talk.ask('Hi')
  talk.clear()
  assert.equal(talk.messages, [{ role: 'system', content: 'Be brief.' }])
})

test.run()
