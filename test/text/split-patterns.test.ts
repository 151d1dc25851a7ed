import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ModelError } from '../../src/spec/errors.js'
import { GPT2_PATTERN, splitPattern } from '../../src/text/split-patterns.js'

const found = (pattern: unknown, text: string): string[] => text.match(splitPattern(pattern)) ?? []

test('strings mean themselves', () => {
  assert.equal(found({ String: '.' }, 'a.b.'), ['.', '.'])
  assert.equal(found({ String: '[x]-/' }, 'a[x]-/'), ['[x]-/'])
})

test("white space is Unicode's, and numbers those of every script", () => {
  assert.equal(found({ Regex: String.raw`\s+` }, 'a\u0085b\ufeffc'), ['\u0085'])
  assert.equal(found({ Regex: String.raw`\p{N}{1,3}` }, '1234٣½'), ['123', '4٣½'])
})

test('case is folded as Unicode folds it', () => {
  assert.equal(found({ Regex: "(?i:'s|'ll)|." }, "'S'ſ'lL"), ["'S", "'ſ", "'lL"])
})

test("GPT-2's pattern", () => {
  assert.equal(found({ Regex: GPT2_PATTERN }, "I'll go  on 12!"), ['I', "'ll", ' go', ' ', ' on', ' 12', '!'])
})

test('what is no pattern, or cannot be read, is refused as it stands', () => {
  for (const pattern of [null, {}, { Regex: '(' }])
    assert.throws(
      () => splitPattern(pattern),
      (error: unknown) =>
        error instanceof ModelError && error.message.includes(`by the pattern ${JSON.stringify(pattern)}`),
    )
})

test.run()
