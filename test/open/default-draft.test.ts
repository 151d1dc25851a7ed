import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { defaultDraft } from '../../src/open/default-draft.js'

test('a draft model that was chosen by itself takes turns with n-grams; one that was asked for does not', () => {
  const choice = { kind: 'model', source: 'micro-draft' } as const
  assert.equal(defaultDraft(choice, 'auto', 'micro-draft'), { key: 'merged', shown: 'micro-draft + ngram' })
  assert.equal(defaultDraft(choice, 'micro-draft', 'micro-draft'), { key: 'model', shown: 'micro-draft' })
})

test('other drafts go by their own names', () => {
  assert.equal(defaultDraft({ kind: 'own', name: 'mine' }, 'mine', undefined), { key: 'mine', shown: 'mine' })
  assert.equal(defaultDraft({ kind: 'none' }, 'none', undefined), { key: 'none', shown: 'none' })
  assert.equal(defaultDraft({ kind: 'ngram' }, 'auto', undefined), { key: 'ngram', shown: 'ngram' })
})

test.run()
