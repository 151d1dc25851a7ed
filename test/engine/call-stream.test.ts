import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { CallStream } from '../../src/engine/call-stream.js'
import type { ToolCallPart } from '../../src/api/types.js'
import type { CallFormat } from '../../src/text/text.js'
import { GENERIC_FORMAT } from '../../src/text/tools/generic-prompt.js'

/** Its `next` begins as its `close` does, and longer. */
const ELEMENTS: CallFormat = {
  ...GENERIC_FORMAT,
  open: '<call>\n{"name": "',
  middle: '", "arguments": ',
  next: '}\n</call>\n<call>\n{"name": "',
  close: '}\n</call>',
  marker: '<call>',
}

interface Outcome {
  text: string
  calls: { name: string; arguments: string }[]
  complete: boolean
}

/** Reads a text in pieces of so many characters. */
function read(format: CallFormat, answer: string, size: number): Outcome {
  const stream = new CallStream(format)
  const outcome: Outcome = { text: '', calls: [], complete: false }
  const take = (read: { text: string; toolCalls: ToolCallPart[] }): void => {
    outcome.text += read.text
    for (const { index, name, arguments: more } of read.toolCalls) {
      assert.is(name !== undefined, index === outcome.calls.length, 'a name comes with the first piece and no other')
      const call = (outcome.calls[index] ??= { name: name!, arguments: '' })
      call.arguments += more
    }
  }
  for (let at = 0; at < answer.length; at += size)
    take(stream.push(answer.slice(at, at + size), at + size >= answer.length))
  return { ...outcome, complete: stream.complete }
}

const hard = '{"a": "}]</tool_call>\\"{", "b": [{"c": {}}, "\\\\"]}'
const CASES: [CallFormat, string, Outcome][] = [
  [GENERIC_FORMAT, 'just <tool> text', { text: 'just <tool> text', calls: [], complete: false }],
  [
    GENERIC_FORMAT,
    `<tool_call>[{"name": "f", "arguments": ${hard}}]</tool_call>`,
    { text: '', calls: [{ name: 'f', arguments: hard }], complete: true },
  ],
  [
    GENERIC_FORMAT,
    'Look: <<tool_call>[{"name": "f", "arguments": {}}, {"name": "g_2", "arguments": {"x": 1}}]</tool_call>',
    {
      text: 'Look: <',
      calls: [
        { name: 'f', arguments: '{}' },
        { name: 'g_2', arguments: '{"x": 1}' },
      ],
      complete: true,
    },
  ],
  [GENERIC_FORMAT, 'a <tool_call>[{"na', { text: 'a <tool_call>[{"na', calls: [], complete: false }],
  [
    GENERIC_FORMAT,
    '<tool_call>[{"name": "f", "arguments": {"a": "b',
    { text: '', calls: [{ name: 'f', arguments: '{"a": "b' }], complete: false },
  ],
  [
    ELEMENTS,
    '<call>\n{"name": "f", "arguments": {"a": 1}}\n</call>',
    { text: '', calls: [{ name: 'f', arguments: '{"a": 1}' }], complete: true },
  ],
  [
    ELEMENTS,
    '<call>\n{"name": "f", "arguments": {}}\n</call>\n<call>\n{"name": "f", "arguments": {}}\n</call>',
    {
      text: '',
      calls: [
        { name: 'f', arguments: '{}' },
        { name: 'f', arguments: '{}' },
      ],
      complete: true,
    },
  ],
]

test('calls are the same whatever pieces the answer comes in', () => {
  for (const [format, answer, expected] of CASES) {
    for (const size of [1, 2, 3, 5, 8, 13, 1000])
      assert.equal(read(format, answer, size), expected, `${answer}, by ${size}`)
  }
})

test('arguments go on as they come, and text as soon as it cannot begin a call', () => {
  const stream = new CallStream(GENERIC_FORMAT)
  assert.equal(stream.push('a <too'), { text: 'a ', toolCalls: [] })
  assert.equal(stream.push('ls'), { text: '<tools', toolCalls: [] })
  assert.equal(stream.push('<tool_call>[{"name": "f", "arguments": {"a"'), {
    text: '',
    toolCalls: [{ index: 0, name: 'f', arguments: '{"a"' }],
  })
  assert.equal(stream.push(': 1'), { text: '', toolCalls: [{ index: 0, arguments: ': 1' }] })
})

test('a lead ahead of the first call is no text, and text like one that no call follows is', () => {
  const format: CallFormat = {
    ...GENERIC_FORMAT,
    open: '{"name": "',
    middle: '", "parameters": ',
    next: null,
    close: '}',
    leads: ['<|python_tag|>'],
  }
  for (const size of [1, 3, 100]) {
    const call = '<|python_tag|>{"name": "now", "parameters": {}}'
    assert.equal(read(format, `Well: ${call}`, size), {
      text: 'Well: ',
      calls: [{ name: 'now', arguments: '{}' }],
      complete: true,
    })
    assert.is(read(format, '<|python_tag|>print(1)', size).text, '<|python_tag|>print(1)')
  }
})

test.run()
