/** Tokens of a reduced head: offsets, and maps that contradict each other or the target. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { openEagle3 } from '../../src/heads/eagle3-file.js'
import { headTokens } from '../../src/heads/eagle3-tokens.js'
import { ModelError } from '../../src/spec/errors.js'
import { eagle3Folder, type Eagle3Parts } from '../support/tiny-eagle3.js'

async function tokens(change?: (parts: Eagle3Parts) => void, vocab = 16): Promise<Int32Array | null> {
  const file = await openEagle3(eagle3Folder(change))
  try {
    return await headTokens(file, vocab)
  } finally {
    await file.close()
  }
}

async function refusal(change: (parts: Eagle3Parts) => void, vocab = 16): Promise<string> {
  const error: unknown = await tokens(change, vocab).catch((reason: unknown) => reason)
  assert.instance(error, ModelError)
  return (error as ModelError).message
}

test('d2t has offsets, not ids', async () => {
  assert.equal([...(await tokens())!], [1, 5, 15])
})

test('without maps the head has the target’s vocabulary, or is the target’s', async () => {
  const whole = (parts: Eagle3Parts): void => {
    parts.config.draft_vocab_size = null
    parts.floats['lm_head.weight'] = [16, 8]
    parts.d2t = parts.t2d = null
  }
  assert.is(await tokens(whole), null)
  assert.match(await refusal(whole, 17), /no d2t, and a lm_head\.weight of 16 tokens for a target of 17/)
  const none = (parts: Eagle3Parts): void => {
    whole(parts)
    delete parts.floats['lm_head.weight']
  }
  assert.is(await tokens(none), null)
})

test('tokens outside the target, twice the same and marks that disagree are refused', async () => {
  assert.match(await refusal((parts) => (parts.d2t = [1, 4, 14])), /row 2 of its head to token 16 \(d2t\)/)
  assert.match(await refusal((parts) => (parts.d2t = [-1, 4, 13])), /row 0 of its head to token -1/)
  assert.match(await refusal((parts) => (parts.d2t = [5, 4, 13])), /two rows of its head to token 5/)
  assert.match(await refusal((parts) => (parts.t2d![5] = 0)), /marks 2 tokens .*t2d.* maps 3 .*token 5 unmarked/)
  assert.match(await refusal((parts) => (parts.t2d![6] = 1)), /marks 4 tokens .*t2d.* maps 3 \(d2t\):/)
})

test.run()
