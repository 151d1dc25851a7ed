/** What an EAGLE-3 head may take of its target, and heads of other targets. */
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { fp32 } from '../../src/formats/fp32.js'
import { eagle3 } from '../../src/heads/eagle3.js'
import { ModelError } from '../../src/spec/errors.js'
import { randomLlama } from '../support/random-llama.js'
import { tempFolder } from '../support/temp-folder.js'
import { eagle3Folder, type Eagle3Parts } from '../support/tiny-eagle3.js'

const root = tempFolder()
const narrow = { hidden: 8, heads: 2, kvHeads: 1, headDim: 4, inner: 12, layers: 6 }

async function refusal(change: (parts: Eagle3Parts) => void, target = randomLlama(narrow)): Promise<string> {
  const file = await eagle3.open(eagle3Folder(change))
  const options = { format: fp32, integers: null, outDir: join(root, 'refused'), onProgress: () => undefined }
  const error: unknown = await file.import(target, options).catch((reason: unknown) => reason)
  await file.close()
  assert.instance(error, ModelError)
  return (error as ModelError).message
}

test('embeddings and a head that lie nowhere as wide as its layers are refused by their tensors', async () => {
  const wide = randomLlama({ ...narrow, hidden: 16 })
  assert.match(await refusal(() => undefined, wide), /width 8 cannot take from a target of width 16 .*embed_tokens/)
  const headless = (parts: Eagle3Parts): void => {
    delete parts.floats['lm_head.weight']
    parts.floats['embed_tokens.weight'] = [wide.spec.vocab, 8]
    parts.config.draft_vocab_size = null
    parts.d2t = parts.t2d = null
  }
  assert.match(await refusal(headless, wide), /cannot take from a target of width 16 \(tensor lm_head\.weight\)/)
})

test('embeddings and marks of fewer tokens than the target has are refused', async () => {
  const { vocab } = randomLlama(narrow).spec
  assert.match(
    await refusal((parts) => (parts.floats['embed_tokens.weight'] = [vocab - 1, 8])),
    new RegExp(`embeddings of ${vocab - 1} tokens; random-llama has ${vocab}`),
  )
  assert.match(await refusal(() => undefined), /is about 16 tokens; .*t2d/)
})

test('layers that the target lacks are refused', async () => {
  assert.match(
    await refusal(({ config }) => (config.eagle_aux_hidden_state_layer_ids = [1, 5, 6])),
    /lists layers \[1, 5, 6\] \(output of a layer\); the target has 6/,
  )
})

test.run()
