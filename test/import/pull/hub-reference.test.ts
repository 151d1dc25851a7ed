import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { chooseFiles, parseHubReference, type HubFile } from '../../../src/import/pull/hub-reference.js'
import { InvalidArgumentError } from '../../../src/spec/errors.js'

const files = (...names: string[]): HubFile[] => names.map((name) => ({ name, bytes: 1, sha256: null, blob: null }))
const chosen = (reference: string, ...names: string[]): string[] =>
  chooseFiles(parseHubReference(reference)!, files(...names)).map(({ name }) => name)

function refused(reference: string, words: RegExp, ...names: string[]): void {
  assert.throws(
    () => chosen(reference, ...names),
    (error: unknown) => error instanceof InvalidArgumentError && words.test(error.message),
  )
}

test('references name a repository and, behind a colon, a file or quantization', () => {
  const given = 'hf.co/some/Model-1.5:Q4_K_M'
  assert.equal(parseHubReference(given), { given, repository: 'some/Model-1.5', variant: 'Q4_K_M' })
  assert.is(parseHubReference('https://huggingface.co/some/model/')?.repository, 'some/model')
  for (const none of ['smollm2-135m', 'hf.co/some', 'some/model', './hf.co/a/b', 'hf.co/../b', 'hf.co/a/b:'])
    assert.is(parseHubReference(none), null, none)
})

test('a file is taken by its name, a quantization as a word of one, whatever its case', () => {
  const names = ['m-Q4_K_M.gguf', 'm-Q4_K_S.gguf', 'm-IQ4_K_M.gguf', 'm.q8_0.gguf', 'README.md']
  assert.equal(chosen('hf.co/a/b:m-Q4_K_S.gguf', ...names), ['m-Q4_K_S.gguf'])
  assert.equal(chosen('hf.co/a/b:q4_k_m', ...names), ['m-Q4_K_M.gguf'])
  assert.equal(chosen('hf.co/a/b:Q8_0', ...names), ['m.q8_0.gguf'])
  assert.equal(chosen('hf.co/a/b', ...names), ['m-Q4_K_M.gguf'], 'the usual one where none is named')
})

test('all parts of a split file are one choice', () => {
  const parts = ['m-Q8_0-00001-of-00002.gguf', 'm-Q8_0-00002-of-00002.gguf']
  assert.equal(chosen('hf.co/a/b:Q8_0', ...parts, 'm-Q4_0.gguf'), parts)
  assert.equal(chosen(`hf.co/a/b:${parts[1]}`, ...parts), parts)
})

test('the sampling defaults beside a GGUF file come with it', () => {
  const names = ['m-Q4_0.gguf', 'm-Q8_0.gguf', 'generation_config.json', 'README.md']
  assert.equal(chosen('hf.co/a/b:Q8_0', ...names), ['m-Q8_0.gguf', 'generation_config.json'])
})

test('a checkpoint folder is its configuration, tokenizer, template, card and safetensors', () => {
  const folder = ['config.json', 'tokenizer.json', 'chat_template.jinja', 'README.md', 'model.safetensors']
  assert.equal(chosen('hf.co/a/b', ...folder, 'pytorch_model.bin', 'onnx/model.onnx', 'vocab.txt'), folder)
})

test('weights as PyTorch writes them are taken where a folder has no safetensors', () => {
  const folder = ['config.json', 'README.md', 'pytorch_model.bin']
  assert.equal(chosen('hf.co/a/b', ...folder, 'optimizer.bin'), folder)
})

test('what there is to choose from is named where nothing fits, or more than one thing', () => {
  refused('hf.co/a/b:Q2_K', /has nothing called Q2_K; it has m-Q8_0\.gguf, m-F16\.gguf/, 'm-Q8_0.gguf', 'm-F16.gguf')
  refused('hf.co/a/b', /may mean several files; it has m-Q8_0\.gguf, m-F16\.gguf/, 'm-Q8_0.gguf', 'm-F16.gguf')
  refused('hf.co/a/b', /no GGUF file and no weights/, 'model.pth', 'config.json')
})

test.run()
