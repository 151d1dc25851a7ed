import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { isSpace, SPACE, trimEnd, trimStart } from '../../../src/text/jinja/spaces.js'

test("white space is Python's, not JavaScript's", () => {
  const differs = Array.from({ length: 0x10000 }, (_, code) => code).filter(
    (code) => new RegExp(SPACE).test(String.fromCharCode(code)) !== /\s/.test(String.fromCharCode(code)),
  )
  assert.equal(differs, [0x1c, 0x1d, 0x1e, 0x1f, 0x85, 0xfeff])
})

test('it is taken from one end alone', () => {
  assert.is(trimStart('\x1c\u3000 a '), 'a ')
  assert.is(trimEnd(' a\x85\u2029'), ' a')
  assert.is(trimStart(' \n') + trimEnd(' \n'), '')
})

test('a text is space where it has nothing else, and something', () => {
  assert.ok(isSpace(' \n'))
  assert.not(isSpace('') || isSpace(' a') || isSpace('\ufeff'))
})

test.run()
