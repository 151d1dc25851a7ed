import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { wrapped } from '../../src/cli/wrapped.js'

const text = '  --name VALUE  a sentence that is longer than the forty columns there are'

test('lines break between words, and begin again at the indent', () => {
  assert.equal(wrapped(text, 41).split('\n'), [
    '  --name VALUE  a sentence that is longer',
    'than the forty columns there are',
  ])
  assert.equal(wrapped(text, 60, 16).split('\n'), [
    '  --name VALUE  a sentence that is longer than the forty',
    '                columns there are',
  ])
})

test('colours take no room', () => {
  const forty = `${'a'.repeat(20)} ${'b'.repeat(19)}`
  assert.is(wrapped(`\u001b[2m${forty}\u001b[22m`, 40), `\u001b[2m${forty}\u001b[22m`)
  assert.is(wrapped(`\u001b[2m${forty} c\u001b[22m`, 40), `\u001b[2m${forty}\nc\u001b[22m`)
})

test('what is no terminal, too narrow or short enough has the text as it is', () => {
  assert.is(wrapped(text, undefined), text)
  assert.is(wrapped(text, 60, 30), text)
  assert.is(wrapped(text, 100), text)
})

test('a word longer than a line keeps a line of its own', () => {
  const word = 'x'.repeat(50)
  assert.equal(wrapped(`see ${word} there`, 41).split('\n'), ['see', word, 'there'])
})

test.run()
