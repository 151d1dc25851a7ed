/** Strangers' expressions are matched as `RegExp` matches them, and in bounded work. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { boundedMatcher } from '../../src/grammar/bounded-match.js'

const TEXTS = [
  '',
  'a',
  'ab',
  'abc',
  'aab',
  'a-b.c',
  '2024-02-29',
  'A_9',
  'x@y.zz',
  '😀',
  'é ',
  'aaaaaaaa',
  '0',
  '12\n3',
]
const EXPRESSIONS = [
  'a',
  '^a',
  'b$',
  '^$',
  '^(a|ab)(c|bcd)?$',
  '^a{2,3}b?',
  '^a{0}$',
  '(a*)*$',
  '^(a|b*){9,}$',
  '^[^a-c]+$',
  '.\\b',
  '\\Bb',
  '^(?!.*-)(?=\\w)\\S+$',
  '(?<=a)b|(?<!\\d)-',
  '\\p{L}\\s',
  '^\\u{1f600}$',
  '^.$',
  '^[\\w.]+@(?:[a-z]+\\.)+[a-z]{2,}$',
  '^\\d{4}-(?:0[1-9]|1[0-2])-\\d\\d$',
  '^(?<year>\\d+)(?:$|-)',
  'a+?b',
  '(|a){3}b',
]

test(`${EXPRESSIONS.length} expressions match what RegExp matches`, () => {
  for (const source of EXPRESSIONS)
    for (const text of TEXTS)
      assert.is(boundedMatcher(source)!(text), new RegExp(source, 'u').test(text), `${source} on "${text}"`)
})

test('what is no expression, is too large or too deep has no matcher', () => {
  for (const source of ['(', '[b-a]', '\\', 'a'.repeat(3000), `${'('.repeat(100)}a${')'.repeat(100)}`])
    assert.is(boundedMatcher(source), null)
})

test('back-references match nothing', () => assert.not.ok(boundedMatcher('(a)\\1')!('aa')))

test('expressions that a backtracking matcher would never be done with end', () => {
  const text = `${'a'.repeat(60)}!`
  assert.not.ok(boundedMatcher('^(a+)+$')!(text))
  assert.not.ok(boundedMatcher('^(([a-z]+)*)*$')!(text))
  assert.not.ok(boundedMatcher(`^${'(a*)*'.repeat(300)}$`)!(text))
})

test.run()
