import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { MessageLines } from '../../../src/cli/chat/message-lines.js'

const add = (given: readonly string[]) => {
  const lines = new MessageLines()
  return { lines, messages: given.map((line) => lines.add(line)) }
}

test('a line is a message', () => {
  const { lines, messages } = add(['hello', '', 'C:\\dir is a path'])
  assert.equal(messages, ['hello', '', 'C:\\dir is a path'])
  assert.not(lines.isOpen)
})

test('a line that ends in a backslash goes on in the next', () => {
  const { lines, messages } = add(['one\\', 'two\\', 'three'])
  assert.equal(messages, [null, null, 'one\ntwo\nthree'])
  assert.not(lines.isOpen)
})

test('""" begins a block that ends at the next, whatever its lines end in', () => {
  assert.equal(add(['"""', 'a\\', '', 'b', '"""']).messages.at(-1), 'a\\\n\nb\n')
  assert.equal(add(['"""a', 'b"""']).messages, [null, 'a\nb'])
  assert.equal(add(['"""all of it"""']).messages, ['all of it'])
  assert.equal(add(['say """ to me']).messages, ['say """ to me'], 'only at the beginning of a message')
})

test('a message that has begun can be taken as it is', () => {
  const { lines } = add(['"""', 'half'])
  assert.ok(lines.isOpen)
  assert.is(lines.take(), 'half')
  assert.not(lines.isOpen)
  assert.is(lines.add('next'), 'next')
  assert.ok(add(['"""']).lines.isOpen, 'a block without a line')
})

test.run()
