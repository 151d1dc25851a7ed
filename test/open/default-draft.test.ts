import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { defaultDraft } from '../../src/open/default-draft.js'

test('a draft model takes turns with n-grams where it was chosen so', () => {
  const choice = { kind: 'model', source: 'micro.gguf' } as const
  const shown = (withNgrams: boolean): object => defaultDraft({ ...choice, withNgrams }, 'micro-draft')
  assert.equal(shown(true), { key: 'merged', shown: 'micro-draft + ngram' })
  assert.equal(shown(false), { key: 'model', shown: 'micro-draft' })
})

test('other drafts go by their own names', () => {
  assert.equal(defaultDraft({ kind: 'own', name: 'mine' }, undefined), { key: 'mine', shown: 'mine' })
  assert.equal(defaultDraft({ kind: 'none' }, undefined), { key: 'none', shown: 'none' })
  assert.equal(defaultDraft({ kind: 'ngram' }, undefined), { key: 'ngram', shown: 'ngram' })
})

test.run()
