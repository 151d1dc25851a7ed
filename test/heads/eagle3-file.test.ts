/** An EAGLE-3 head's folder: its layouts, and what is refused by the tensor's name. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { openEagle3 } from '../../src/heads/eagle3-file.js'
import { ModelError } from '../../src/spec/errors.js'
import { eagle3Folder, type Eagle3Parts } from '../support/tiny-eagle3.js'

async function refusal(change: (parts: Eagle3Parts) => void): Promise<string> {
  const error: unknown = await openEagle3(eagle3Folder(change)).catch((reason: unknown) => reason)
  assert.instance(error, ModelError)
  return (error as ModelError).message
}

const renamed = (rename: (name: string) => string): ((parts: Eagle3Parts) => void) => {
  return (parts) => {
    parts.floats = Object.fromEntries(Object.entries(parts.floats).map(([name, shape]) => [rename(name), shape]))
  }
}

test('the three layouts are one', async () => {
  const layouts: ((name: string) => string)[] = [
    (name) => name,
    (name) => name.replace('midlayer.', 'layers.0.'),
    (name) => (name === 'lm_head.weight' ? name : `model.${name.replace('midlayer.', 'layers.0.')}`),
  ]
  for (const layout of layouts) {
    const file = await openEagle3(eagle3Folder(renamed(layout)))
    assert.equal([file.spec.layers.length, file.spec.hidden, file.headTokens, file.featureWidth], [1, 8, 3, 24])
    assert.equal(file.spec.layers[0].attention.reads, 16)
    assert.equal((await file.read('layers.0.hidden_norm.weight')).length, 8)
    assert.ok(file.has('norm.weight') && !file.has('embed_tokens.weight'))
    await file.close()
  }
})

test('two names of one tensor are refused', async () => {
  assert.match(
    await refusal(({ floats }) => (floats['layers.0.hidden_norm.weight'] = [8])),
    /has both midlayer\.hidden_norm\.weight and layers\.0\.hidden_norm\.weight/,
  )
})

test('heads are as wide as q_proj says, whatever the configuration states', async () => {
  const file = await openEagle3(eagle3Folder(({ config }) => (config.head_dim = 80)))
  assert.is(file.spec.layers[0].attention.headDim, 4)
  assert.is(file.spec.layers[0].attention.rope!.dims, 4)
  await file.close()
})

test('biases and norms of q and k are there where the file has them', async () => {
  const file = await openEagle3(
    eagle3Folder(({ floats }) => {
      for (const [part, width] of Object.entries({ q: 8, k: 4, v: 4, o: 8 }))
        floats[`midlayer.self_attn.${part}_proj.bias`] = [width]
      for (const part of 'qk') floats[`midlayer.self_attn.${part}_norm.weight`] = [4]
    }),
  )
  const [layer] = file.spec.layers
  assert.equal([layer.biases, layer.attention.qkNorm], [['qkv', 'o'], { epsilon: 1e-5, over: 'head' }])
  await file.close()
})

test('the norm before fc is what the tensors say, and a flag that contradicts them is refused', async () => {
  const withNorm = eagle3Folder(({ floats }) => (floats['input_norm.weight'] = [24]))
  const file = await openEagle3(withNorm)
  assert.equal(file.featureNorm, { epsilon: 1e-5, over: 'all' })
  await file.close()
  const contradicted = ({ config, floats }: Eagle3Parts): void => {
    config.fc_norm = false
    floats['fc_norm.0.weight'] = [8]
  }
  assert.match(await refusal(contradicted), /has tensor fc_norm\.0\.weight, and "fc_norm": false/)
  assert.match(await refusal(({ config }) => (config.norm_before_fc = true)), /lacks tensor input_norm\.weight/)
  assert.match(
    await refusal(({ config }) => Object.assign(config, { norm_before_fc: true, fc_norm: true })),
    /has both "norm_before_fc" and "fc_norm"/,
  )
})

test('tensors that are missing, misshapen or of another kind of head are named', async () => {
  assert.match(
    await refusal(({ floats }) => delete floats['midlayer.hidden_norm.weight']),
    /lacks tensor layers\.0\.hidden_norm\.weight/,
  )
  assert.match(
    await refusal(({ floats }) => (floats['midlayer.self_attn.k_proj.weight'] = [4, 8])),
    /has tensor midlayer\.self_attn\.k_proj\.weight as \[4, 8\]; its config\.json asks for \[4, 16\]/,
  )
  assert.match(
    await refusal(({ config }) => (config.draft_vocab_size = 5)),
    /has tensor lm_head\.weight as \[3, 8\]; its config\.json asks for \[5, 8\]/,
  )
  assert.match(await refusal((parts) => (parts.d2t = [1, 4])), /has tensor d2t as \[2\]; .* asks for \[3\]/)
  assert.match(
    await refusal(({ floats }) => (floats.mask_hidden = [1, 24])),
    /has a tensor mask_hidden \[1, 24\], which an EAGLE-3 head of 1 layers .* not supported/,
  )
  assert.match(
    await refusal(({ floats }) => (floats['fc.weight'] = [8, 25])),
    /fc\.weight of 25 columns; expected a multiple of 3/,
  )
})

test('what trainers keep of the target is left alone', async () => {
  const file = await openEagle3(eagle3Folder(({ floats }) => (floats['verifier_norm.weight'] = [8])))
  assert.not(file.has('verifier_norm.weight'))
  await file.close()
})

test.run()
