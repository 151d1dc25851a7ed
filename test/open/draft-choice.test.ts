/** What the `draft` option means. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { draftChoice, type DraftChoice } from '../../src/open/draft-choice.js'
import type { Drafter } from '../../src/strategies/drafter.js'

const mine = { name: 'mine' } as Drafter
const choose = (draft: string, target = 'micro', format = 'w8a8', sibling: string | null = null): DraftChoice =>
  draftChoice({ draft, target, format, drafters: [mine], sibling })

test('a drafter that came with the options goes by its name', () => {
  assert.equal(choose('mine'), { kind: 'own', name: 'mine' })
})

test('no draft and n-grams are asked for by name', () => {
  assert.equal([choose('none'), choose('ngram')], [{ kind: 'none' }, { kind: 'ngram' }])
})

test('by itself a target takes the draft that ships for it, and n-grams where none does', () => {
  for (const draft of ['auto', 'model']) {
    assert.equal(choose(draft), { kind: 'model', source: 'micro-draft', withNgrams: draft === 'auto' })
    assert.equal(choose(draft, '/models/mine.gguf'), { kind: 'ngram' })
  }
})

test('a smaller model that was found drafts where none ships', () => {
  for (const draft of ['auto', 'model']) {
    const [found, shipped] = ['/models/mine.gguf', 'micro'].map((target) => choose(draft, target, 'w8a8', 'small.gguf'))
    const withNgrams = draft === 'auto'
    assert.equal(found, { kind: 'model', source: 'small.gguf', withNgrams })
    assert.equal(shipped, { kind: 'model', source: 'micro-draft', withNgrams })
  }
  assert.equal(choose('ngram', '/models/mine.gguf', 'w8a8', 'small.gguf'), { kind: 'ngram' })
})

test('a shipped draft that reads rotated features is left out in a format that has none', () => {
  const shipped = { kind: 'model', source: 'smollm2-135m-draft', withNgrams: true } as const
  assert.equal(choose('auto', 'smollm2-135m'), shipped)
  assert.equal(choose('auto', 'smollm2-135m', 'q4'), shipped, 'turned into it')
  assert.equal(choose('auto', 'smollm2-135m', 'fp32'), { kind: 'ngram' })
  assert.equal(choose('auto', 'micro', 'fp32').kind, 'model', 'a model of its own fits any')
})

test('anything else is a model by name or path, whose name may be that of a drafter after "model:"', () => {
  assert.equal(choose('draft.gguf'), { kind: 'model', source: 'draft.gguf', withNgrams: false })
  assert.equal(choose('model:mine'), { kind: 'model', source: 'mine', withNgrams: false })
})

test.run()
