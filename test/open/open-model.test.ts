// @process native
/** One model made ready, and whether a draft belongs to it. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { forwardInfo, openDraft, openModel } from '../../src/open/open-model.js'
import { ModelError } from '../../src/spec/errors.js'
import { buildGguf } from '../support/gguf-file.js'
import { tempFolder } from '../support/temp-folder.js'
import { tinyLlama } from '../support/tiny-llama.js'
import { modelWith, optionsWith } from './support.js'

const folder = tempFolder()
const path = join(folder, 'tiny.gguf')
writeFileSync(path, buildGguf(tinyLlama()))
const options = optionsWith({ format: 'fp32', cacheDir: join(folder, 'cache') })

test('a pass is told the widths of the K/V rows of each layer and how V is stored', () => {
  const info = forwardInfo(modelWith({ vType: 'uint8' }).manifest)
  assert.equal(info.kv, { k: 'float32', v: 'uint8', rows: [16, 16] })
  assert.is(forwardInfo(modelWith({ kType: 'float16' }).manifest).kv.k, 'float16')
  assert.is(info.vocab, modelWith().manifest.spec.vocab)
})

test('a model by path has its file’s name, a tokenizer and a template', async () => {
  const { name, source, tokenizer, template } = await openModel(path, options)
  assert.is(source, path)
  assert.is(name, 'tiny')
  assert.is(tokenizer.decode(tokenizer.encode('hello')), 'hello')
  assert.match(tokenizer.decode(template!.encode([{ role: 'user', content: 'hello' }])), /hello/)
})

test('a draft with other tokens is refused by the first that differs', async () => {
  const target = await openModel(path, options)
  const other = join(folder, 'other.gguf')
  const { metadata, ...file } = tinyLlama()
  const tokens = (metadata['tokenizer.ggml.tokens'] as string[]).map((token, id) => (id === 1 ? '<|other|>' : token))
  writeFileSync(other, buildGguf({ ...file, metadata: { ...metadata, 'tokenizer.ggml.tokens': tokens } }))
  const error: unknown = await openDraft(other, target, options).catch((reason: unknown) => reason)
  assert.match(String(error), ': token 1 is "<|im_start|>" in the target and "<|other|>" in the draft;')
})

test('a draft that speaks the target’s tokens is taken, one with another tokenizer is refused', async () => {
  const target = await openModel(path, options)
  assert.is((await openDraft(path, target, options)).manifest.tokenizerHash, target.manifest.tokenizerHash)
  const stranger = { ...target, manifest: { ...target.manifest, tokenizerHash: 'another' } }
  const error: unknown = await openDraft(path, stranger, options).catch((reason: unknown) => reason)
  assert.instance(error, ModelError)
  assert.is((error as ModelError).code, 'tokenizer_mismatch')
  assert.match((error as ModelError).message, /have different tokenizers \(\d+ and \d+ tokens\).*use draft "ngram"/)
})

test.run()
