import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { chat, refusal } from './support.js'

test('text parts become one text and developers speak as the system', () => {
  const content = [
    { type: 'text', text: 'a' },
    { type: 'text', text: 'b' },
  ]
  const { request } = chat({
    messages: [
      { role: 'developer', content },
      { role: 'user', content: 'c' },
    ],
  })
  assert.equal(request.messages, [
    { role: 'system', content: 'ab' },
    { role: 'user', content: 'c' },
  ])
})

test('an answer sent back as the API gave it is taken as a turn', () => {
  const { request } = chat({
    messages: [
      { role: 'assistant', content: 'before', refusal: null, annotations: [], audio: null },
      { role: 'user', content: 'on' },
    ],
  })
  assert.is(request.messages?.length, 2)
})

test('images are refused by the name of the part', () => {
  const { status, param } = refusal(() =>
    chat({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'see' },
            { type: 'image_url', image_url: { url: 'x' } },
          ],
        },
      ],
    }),
  )
  assert.is(status, 400)
  assert.is(param, 'messages[0].content[1].type')
})

const callOf = (args: string): object => ({
  role: 'assistant',
  tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: args } }],
})

test('a result is of a call that came before it', () => {
  const result = { role: 'tool', tool_call_id: 'c', content: 'x' }
  chat({ messages: [callOf('{}'), result] })
  for (const messages of [[result], [result, callOf('{}')], [callOf('{}'), { ...result, tool_call_id: 'd' }]])
    assert.match(refusal(() => chat({ messages })).param!, /^messages\[[01]\]\.tool_call_id$/)
})

test('an assistant says something or calls a tool', () => {
  assert.is(refusal(() => chat({ messages: [{ role: 'assistant' }] })).param, 'messages[0].content')
  assert.is(refusal(() => chat({ messages: [{ role: 'assistant', tool_calls: [] }] })).param, 'messages[0].content')
  chat({ messages: [{ role: 'assistant', content: '' }] })
})

test('arguments of no text are an empty object', () => {
  const args = ['', ' ', '{"a": 1}'].map((text) => chat({ messages: [callOf(text)] }).request.messages![0].toolCalls)
  assert.equal(
    args.map((calls) => calls![0].arguments),
    ['{}', '{}', '{"a": 1}'],
  )
})

test.run()
