import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { wireWords } from '../../src/serve/wire-names.js'

test('a field goes by the name that the request used', () => {
  const older = wireWords('chat', { max_tokens: 5 })
  const newer = wireWords('chat', { max_completion_tokens: 5 })
  const text = 'maxTokens must be a whole number from 1 to 9; got 77'
  assert.is(older.message(text, 'maxTokens'), 'max_tokens must be a whole number from 1 to 9; got 77')
  assert.is(newer.message(text, 'maxTokens'), 'max_completion_tokens must be a whole number from 1 to 9; got 77')
  assert.is(newer.param('maxTokens'), 'max_completion_tokens')
  assert.is(wireWords('chat', { max_completion_tokens: null }).param('maxTokens'), 'max_tokens')
  assert.is(wireWords('responses', {}).param('maxTokens'), 'max_output_tokens')
})

test('names inside a message are reworded, what it quotes is not', () => {
  const { message } = wireWords('chat', {})
  assert.is(
    message('leave out responseFormat, or set toolChoice to "none"; got "toolChoice \\" maxTokens"', 'responseFormat'),
    'leave out response_format, or set tool_choice to "none"; got "toolChoice \\" maxTokens"',
  )
  assert.is(message('toolChoice asks for "minP', 'toolChoice'), 'tool_choice asks for "minP')
  assert.is(message('the draft of a tree and its messages', null), 'the draft of a tree and its messages')
  assert.is(message('tree must list a parent', 'tree'), 'speculation.tree must list a parent')
  assert.is(message('logitBias.7 must be a number', 'logitBias.7'), 'logit_bias.7 must be a number')
})

test('places in turns and tools are where the request has them', () => {
  const { param, message } = wireWords('chat', {})
  assert.is(param('messages[1].toolCalls[0].arguments'), 'messages[1].tool_calls[0].function.arguments')
  assert.is(param('messages[1].toolCalls'), 'messages[1].tool_calls')
  assert.is(param('tools[2].parameters'), 'tools[2].function.parameters')
  assert.is(
    message('messages[1].toolCalls[0].arguments must be a JSON object', 'messages[1].toolCalls[0].arguments'),
    'messages[1].tool_calls[0].function.arguments must be a JSON object',
  )
})

test('turns of a response are items of its input, after its instructions', () => {
  const items = [{ role: 'user', content: 'x' }]
  assert.is(wireWords('responses', { input: items }).param('messages[0].role'), 'input[0].role')
  assert.is(wireWords('responses', { input: items, instructions: 'x' }).param('messages[1].role'), 'input[0].role')
  assert.is(wireWords('responses', { input: items, instructions: 'x' }).param('messages[0].role'), 'instructions')
  assert.is(wireWords('responses', { input: 'x' }).param('messages[0].role'), 'input')
  assert.is(wireWords('responses', { input: 'x' }).param('responseFormat'), 'text.format')
})

test('a body that is no object has names all the same', () => {
  for (const body of [null, undefined, 5, 'x', []])
    assert.is(wireWords('completions', body).param('promptTokens'), 'prompt')
})

test.run()
