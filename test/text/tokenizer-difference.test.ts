/** The first thing in which two tokenizers differ. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { TokenizerFiles } from '../../src/spec/manifest.js'
import { tokenizerDifference } from '../../src/text/tokenizer-difference.js'

const model = { type: 'BPE', vocab: { a: 0, b: 1, ab: 2 } as Record<string, number>, merges: ['a b'] }
const end = { id: 3, content: '<end>', special: true }
const files = (changed: object = {}): TokenizerFiles => ({
  tokenizer: { model, decoder: { type: 'ByteLevel' }, added_tokens: [end], ...changed },
  config: {},
})
const difference = (changed: object): string | null => tokenizerDifference(files(), files(changed))

test('equal tokenizers have none', () => {
  assert.is(difference({}), null)
})

test('the first token that is another, of another kind or missing is named', () => {
  assert.is(
    difference({ model: { ...model, vocab: { a: 0, c: 1, ac: 2 } } }),
    'token 1 is "b" in the target and "c" in the draft',
  )
  assert.is(
    difference({ added_tokens: [{ ...end, special: false }] }),
    'token 3, "<end>", is special in the target and added in the draft',
  )
  assert.is(
    difference({ added_tokens: [end, { id: 4, content: 'x' }] }),
    'token 4 is missing in the target and "x" in the draft',
  )
})

test('where all tokens are alike, the first merge that is not', () => {
  assert.is(
    difference({ model: { ...model, merges: ['b a'] } }),
    'merge 0 is "a,b" in the target and "b,a" in the draft',
  )
  assert.is(
    difference({ model: { ...model, merges: ['a b', 'b a'] } }),
    'merge 1 is missing in the target and "b,a" in the draft',
  )
})

test.run()
