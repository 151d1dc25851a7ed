/** What is found to draft where nobody says what does. Weights of the models here are noise. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { writeBlocks } from '../../bench/offload/write-gguf.js'
import type { PlainShape } from '../../src/architectures/index.js'
import { pulledDrafts, siblingOf, withSibling } from '../../src/open/sibling.js'
import { tempFolder } from '../support/temp-folder.js'
import { optionsWith } from './support.js'

const small: PlainShape = {
  vocab: 300,
  hidden: 32,
  inner: 32,
  layers: 1,
  heads: 1,
  kvHeads: 1,
  headDim: 32,
  theta: 10000,
  epsilon: 1e-5,
  maxPositions: 64,
  tied: false,
}
const large = { ...small, hidden: 128, inner: 128, heads: 4, layers: 2 }

/** A cache with models of these shapes pulled; the target lies elsewhere. */
async function cacheWith(pulled: Record<string, PlainShape>): Promise<{ cacheDir: string; target: string }> {
  const [cacheDir, target] = [tempFolder(), join(tempFolder(), 'large.gguf')]
  mkdirSync(join(cacheDir, 'sources'))
  await writeBlocks(target, large, 'Q4_0')
  for (const [name, shape] of Object.entries(pulled)) await writeBlocks(join(cacheDir, 'sources', name), shape, 'Q4_0')
  return { cacheDir, target }
}

const sourceIn = (cacheDir: string, name: string): string => join(cacheDir, 'sources', name)

test('the smallest pulled model with the same tokens is found, and said', async () => {
  const middle = { ...small, layers: 3 }
  const { cacheDir, target } = await cacheWith({ 'a.gguf': middle, 'b.gguf': small, 'c.gguf': large })
  const { source, note } = await siblingOf(target, cacheDir)
  assert.is(source, sourceIn(cacheDir, 'b.gguf'))
  assert.match(note!, /^draft: b\.gguf in the cache has this model's tokens/)
})

test('models with other tokens, of a like size, or that cannot be read are no drafts', async () => {
  const { cacheDir, target } = await cacheWith({ 'other.gguf': { ...small, vocab: 310 }, 'alike.gguf': large })
  writeFileSync(sourceIn(cacheDir, 'broken.gguf'), 'GGUF')
  assert.equal(await siblingOf(target, cacheDir), { source: null, note: null })
})

test('a model is no draft of itself', async () => {
  const { cacheDir } = await cacheWith({ 'large.gguf': large })
  assert.is((await siblingOf(sourceIn(cacheDir, 'large.gguf'), cacheDir)).source, null)
})

test('a pulled head is named: whose it is, its files do not say', async () => {
  const { cacheDir, target } = await cacheWith({})
  mkdirSync(sourceIn(cacheDir, 'head'))
  const config = { architectures: ['LlamaForCausalLMEagle3'], draft_vocab_size: 100 }
  writeFileSync(join(sourceIn(cacheDir, 'head'), 'config.json'), JSON.stringify(config))
  const { source, note } = await siblingOf(target, cacheDir)
  assert.is(source, null)
  assert.match(note!, /if head in the cache was trained for this model, draft "head"/)
})

test('where nothing was pulled, a published model of the family is named that is small enough', async () => {
  const { cacheDir, target } = await cacheWith({})
  assert.is((await siblingOf(target, cacheDir)).note, null, 'no published model has 300 tokens')
  const published = join(cacheDir, 'published.gguf')
  await writeBlocks(published, { ...small, vocab: 49152 }, 'Q4_0')
  assert.is((await siblingOf(published, cacheDir)).note, null, 'it is smaller than what would draft')
  for (const note of readdirSync(join(cacheDir, 'facts'))) {
    const path = join(cacheDir, 'facts', note)
    const facts = JSON.parse(readFileSync(path, 'utf8')) as { weights?: number }
    if (facts.weights !== undefined) writeFileSync(path, JSON.stringify({ ...facts, weights: 1e9 }))
  }
  assert.match((await siblingOf(published, cacheDir)).note!, /n-grams alone; .*"sequoia pull smollm2-135m"/)
})

test('it is looked for where nobody says what drafts, nothing ships, and memory has no budget', async () => {
  const { cacheDir, target } = await cacheWith({ 'b.gguf': small })
  const found = async (given: object): Promise<[string | null, boolean]> => {
    const { options, note } = await withSibling({ ...optionsWith({ target, cacheDir }), ...given })
    return [options.sibling, note !== null]
  }
  const sibling = sourceIn(cacheDir, 'b.gguf')
  for (const draft of ['auto', 'model']) assert.equal(await found({ draft }), [sibling, true])
  for (const given of [{ draft: 'ngram' }, { memory: 1e9 }, { target: 'micro' }])
    assert.equal(await found(given), [null, false])
})

test('all that may be tried are the models with its tokens, the smallest first, and heads', async () => {
  const { cacheDir, target } = await cacheWith({ 'a.gguf': { ...small, layers: 3 }, 'b.gguf': small, 'c.gguf': large })
  mkdirSync(sourceIn(cacheDir, 'head'))
  writeFileSync(join(sourceIn(cacheDir, 'head'), 'config.json'), JSON.stringify({ draft_vocab_size: 100 }))
  const { siblings, heads } = await pulledDrafts(target, cacheDir)
  assert.equal(
    [siblings, heads].map((all) => all.map(({ name }) => name)),
    [['b.gguf', 'a.gguf'], ['head']],
  )
})

test.run()
