/** A feature drafter's file: how it is told apart, read, and refused. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { isDraftFile, openDraftFile } from '../../src/heads/sequoia-draft-file.js'
import { ModelError } from '../../src/spec/errors.js'
import { buildGguf, type GgufFile } from '../support/gguf-file.js'
import { tempFolder } from '../support/temp-folder.js'
import { bytesOf, counting, TINY_TENSORS, tinyLlama } from '../support/tiny-llama.js'

const folder = tempFolder()
let files = 0

/** Hidden 8, 2 heads of 4, 1 K/V head, MLP of 12, a head over 3 of 16 tokens. */
function draft(): GgufFile {
  const own: [string, number[]][] = [
    ['fc.weight', [8, 16]],
    ['head.weight', [3, 8]],
  ]
  const layer = TINY_TENSORS.flatMap(([name, , shape]): [string, number[]][] =>
    name.startsWith('blk.') ? [[name, shape]] : [],
  )
  return {
    metadata: {
      'general.architecture': 'sequoia-draft',
      'general.license': 'mit',
      'sequoia-draft.vocab_size': 16,
      'sequoia-draft.context_length': 64,
      'sequoia-draft.embedding_length': 8,
      'sequoia-draft.feed_forward_length': 12,
      'sequoia-draft.attention.head_count': 2,
      'sequoia-draft.attention.head_count_kv': 1,
      'sequoia-draft.attention.key_length': 4,
      'sequoia-draft.attention.layer_norm_rms_epsilon': { float: 1e-5 },
      'sequoia-draft.rope.freq_base': { float: 10000 },
      'sequoia-draft.tokens': [1, 5, 15],
      'sequoia-draft.target.name': 'tiny',
      'sequoia-draft.target.norm_sha256': 'abc',
      'sequoia-draft.acceptance.levels': 2,
      'sequoia-draft.acceptance.greedy': [1, 0, 1, 0],
      'sequoia-draft.acceptance.sampled': [1, 0, 0, 0],
    },
    tensors: [...own, ...layer].map(([name, shape]) => ({
      name,
      dims: [...shape].reverse(),
      type: 0,
      data: bytesOf(counting(shape)),
    })),
  }
}

function path(change: (file: GgufFile) => void = () => undefined): string {
  const file = draft()
  change(file)
  const at = join(folder, `${files++}.gguf`)
  writeFileSync(at, buildGguf(file))
  return at
}

async function refusal(change: (file: GgufFile) => void): Promise<string> {
  const error: unknown = await openDraftFile(path(change)).catch((reason: unknown) => reason)
  assert.instance(error, ModelError)
  assert.is((error as ModelError).code, 'model_invalid')
  return (error as ModelError).message
}

test('a file is a drafter by its architecture; other models and other files are not', async () => {
  assert.ok(await isDraftFile(path()))
  const other = join(folder, 'other.gguf')
  writeFileSync(other, buildGguf(tinyLlama()))
  assert.not(await isDraftFile(other))
  assert.not(await isDraftFile(join(folder, 'no-such-folder')))
})

test('it tells its shape, its tokens, the target it was trained for and its acceptance by level', async () => {
  const file = await openDraftFile(path())
  assert.equal([...file.tokens], [1, 5, 15])
  assert.equal([file.spec.layers.length, file.spec.hidden, file.spec.vocab], [1, 8, 16])
  assert.equal(file.target, { name: 'tiny', normSha256: 'abc' })
  assert.equal(file.acceptance, {
    target: 'tiny',
    greedy: [
      [1, 0],
      [1, 0],
    ],
    sampled: [
      [1, 0],
      [0, 0],
    ],
  })
  await file.close()
})

test('its parts are read by name, those of the layer by their canonical ones', async () => {
  const file = await openDraftFile(path())
  assert.equal(await file.read('fc'), counting([8, 16]))
  assert.equal(await file.read('model.layers.0.mlp.down_proj.weight'), counting([8, 12]))
  await file.close()
})

test('parts that are missing or of another shape are refused with what was expected', async () => {
  assert.match(
    await refusal((file) => (file.tensors = file.tensors.filter(({ name }) => name !== 'head.weight'))),
    /nothing as tensor head\.weight; expected \[3, 8\]/,
  )
  assert.match(
    await refusal((file) => (file.metadata['sequoia-draft.feed_forward_length'] = 10)),
    /12, 8 as tensor blk\.0\.ffn_gate\.weight; expected \[10, 8\]/,
  )
})

test('tokens have to ascend and lie in the vocabulary', async () => {
  const tokens = (list: number[]) => refusal((file) => (file.metadata['sequoia-draft.tokens'] = list))
  assert.match(await tokens([1, 5, 16]), /token 16 at place 2.*below 16/)
  assert.match(await tokens([5, 5, 6]), /token 5 at place 1/)
})

test('acceptance that is no probability, or does not divide into its levels, is refused', async () => {
  const key = 'sequoia-draft.acceptance.sampled'
  assert.match(await refusal((file) => (file.metadata[key] = [1, 0, 2, 0])), /no probabilities of 2 levels as.*sampled/)
  assert.match(await refusal((file) => (file.metadata[key] = [1, 0, 0])), /no probabilities of 2 levels/)
})

test('a model of another kind is refused by its architecture', async () => {
  const message = await refusal((file) => (file.metadata['general.architecture'] = 'llama'))
  assert.match(message, /architecture "llama".*"sequoia-draft"/)
})

test.run()
