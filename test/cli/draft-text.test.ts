import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { draftText } from '../../src/cli/draft-text.js'

test('a draft is told by what it does, and none as none', () => {
  assert.equal([draftText('draft + ngram'), draftText('none')], ['guesses by draft + ngram', 'no draft'])
})

test.run()
