import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ModelError } from '../../src/spec/errors.js'
import { openPreTokenizer } from '../../src/text/pre-tokenizers.js'

const cut = (rule: unknown, text: string, startsText = true): readonly string[] =>
  openPreTokenizer(rule)([text], startsText)
const split = (behavior: string, invert = false): object => ({
  type: 'Split',
  pattern: { Regex: '-+' },
  behavior,
  invert,
})

test('none leaves text whole', () => {
  assert.equal(cut(null, 'a b'), ['a b'])
})

test('matches stand alone, are left out, or join what is beside them', () => {
  const text = '-a--b-'
  assert.equal(cut(split('Isolated'), text), ['-', 'a', '--', 'b', '-'])
  assert.equal(cut(split('Removed'), text), ['a', 'b'])
  assert.equal(cut(split('MergedWithPrevious'), text), ['-', 'a--', 'b-'])
  assert.equal(cut(split('MergedWithNext'), text), ['-a', '--b', '-'])
  assert.equal(cut(split('Removed', true), text), ['-', '--', '-'])
  const single = { type: 'Split', pattern: { String: '-' }, behavior: 'Contiguous', invert: false }
  assert.equal(cut(single, text), ['-', 'a', '--', 'b', '-'])
})

test('empty matches cut too', () => {
  const rule = { type: 'Split', pattern: { Regex: '(?=(\\d{3})+(?!\\d))' }, behavior: 'Isolated', invert: false }
  assert.equal(cut(rule, '1234567'), ['1', '234', '567'])
})

test('digits are numeric characters of every script, one by one or in runs', () => {
  assert.equal(cut({ type: 'Digits', individual_digits: true }, 'a12٣½'), ['a', '1', '2', '٣', '½'])
  assert.equal(cut({ type: 'Digits', individual_digits: false }, 'a12٣½b'), ['a', '12٣½', 'b'])
})

test("byte-level splitting is GPT-2's, in the alphabet of bytes", () => {
  const rule = { type: 'ByteLevel', add_prefix_space: false, use_regex: true }
  assert.equal(cut(rule, "it's é"), ['it', "'s", 'ĠÃ©'])
  assert.equal(cut({ ...rule, add_prefix_space: true }, 'a b'), ['Ġa', 'Ġb'])
  assert.equal(cut({ ...rule, use_regex: false }, 'a b'), ['aĠb'])
})

test('a blank goes before every text, before the first alone, or before none', () => {
  const rule = { type: 'Metaspace', replacement: '▁', split: false }
  assert.equal(cut({ ...rule, prepend_scheme: 'always' }, 'a b', false), ['▁a▁b'])
  assert.equal(cut({ ...rule, prepend_scheme: 'first' }, 'a b'), ['▁a▁b'])
  assert.equal(cut({ ...rule, prepend_scheme: 'first' }, 'a b', false), ['a▁b'])
  assert.equal(cut({ ...rule, prepend_scheme: 'never' }, 'a b'), ['a▁b'])
  assert.equal(cut({ ...rule, prepend_scheme: 'always' }, ' a'), ['▁a'])
  assert.equal(cut({ type: 'Metaspace', replacement: '▁', add_prefix_space: false }, 'a b'), ['a', '▁b'])
})

test('words and signs', () => {
  assert.equal(cut({ type: 'Whitespace' }, 'ab\u200dc, (d) '), ['ab\u200dc', ',', '(', 'd', ')'])
  assert.equal(cut({ type: 'WhitespaceSplit' }, ' ab\u0085c'), ['ab', 'c'])
  assert.equal(cut({ type: 'Punctuation' }, 'a,$b'), ['a', ',', '$', 'b'])
})

test('a sequence cuts what the rule before it left', () => {
  const pretokenizers = [
    { type: 'Digits', individual_digits: true },
    { type: 'ByteLevel', use_regex: true },
  ]
  assert.equal(cut({ type: 'Sequence', pretokenizers }, 'a 12'), ['a', 'Ġ', '1', '2'])
})

test('other rules and behaviours are refused with those that are known', () => {
  const says =
    (words: RegExp) =>
    (error: unknown): boolean =>
      error instanceof ModelError && words.test(error.message)
  assert.throws(
    () => openPreTokenizer({ type: 'UnicodeScripts' }),
    says(/"UnicodeScripts"; this release knows Sequence/),
  )
  assert.throws(() => openPreTokenizer(split('Sideways')), says(/"Sideways"; this release knows Isolated/))
})

test.run()
