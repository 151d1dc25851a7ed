import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { unescaped } from '../../../src/text/jinja/escapes.js'

test('escapes of characters, code points and octal numbers are read', () => {
  assert.is(unescaped(String.raw`\n\t\\\'\"\a\v`), '\n\t\\\'"\x07\v')
  assert.is(unescaped(String.raw`\x41\u00e9\U0001F600\101\7`), 'Aé😀A\x07')
  assert.is(unescaped('a\\\nb'), 'ab')
})

test('what is no escape keeps its backslash', () => {
  assert.is(unescaped(String.raw`\q\8\é`), String.raw`\q\8\é`)
})

test('an escape that is not finished, or names no character, is refused', () => {
  for (const text of [String.raw`\x4`, String.raw`\u00e`, String.raw`\U0001F60`, String.raw`\N{DASH}`])
    assert.throws(() => unescaped(text), /unfinished escape/, text)
  assert.throws(() => unescaped(String.raw`\U00110000`), /is no character/)
})

test.run()
