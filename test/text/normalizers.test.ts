import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ModelError } from '../../src/spec/errors.js'
import { openNormalizer } from '../../src/text/normalizers.js'

const normalized = (rule: unknown, text: string): string => openNormalizer(rule)(text)

test('none leaves text as it is; a sequence applies its parts in order', () => {
  assert.is(normalized(null, 'a b'), 'a b')
  const parts = [
    { type: 'Prepend', prepend: '▁' },
    { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
  ]
  assert.is(normalized({ type: 'Sequence', normalizers: parts }, 'a b'), '▁a▁b')
  assert.is(normalized({ type: 'Sequence', normalizers: parts }, ''), '')
})

test("Unicode's forms", () => {
  assert.is(normalized({ type: 'NFC' }, 'e\u0301'), 'é')
  assert.is(normalized({ type: 'NFD' }, 'é'), 'e\u0301')
  assert.is(normalized({ type: 'NFKC' }, 'ﬁ'), 'fi')
  assert.is(normalized({ type: 'NFKD' }, 'é²'), 'e\u03012')
})

test('patterns and what is put in their place mean themselves', () => {
  assert.is(normalized({ type: 'Replace', pattern: { String: '.' }, content: '$&' }, 'a.b'), 'a$&b')
  assert.is(normalized({ type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' }, 'a \n\u0085b'), 'a b')
})

test('white space is stripped at the ends that are asked for', () => {
  assert.is(normalized({ type: 'Strip', strip_left: true, strip_right: true }, ' a b '), 'a b')
  assert.is(normalized({ type: 'Strip', strip_left: true, strip_right: false }, ' a '), 'a ')
  assert.is(normalized({ type: 'Strip', strip_left: false, strip_right: true }, ' a '), ' a')
})

test('others are refused with those that are known', () => {
  assert.throws(
    () => openNormalizer({ type: 'Precompiled' }),
    (error: unknown) =>
      error instanceof ModelError && /"Precompiled"; this release knows Sequence, NFC/.test(error.message),
  )
})

test.run()
