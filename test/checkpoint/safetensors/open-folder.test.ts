import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ModelError } from '../../../src/spec/errors.js'
import { openCheckpoint } from '../../../src/import/open-checkpoint.js'
import { tokenizerHash } from '../../../src/text/tokenizer.js'
import {
  shardBytes,
  tinyConfig,
  tinyTensors,
  tinyTokenizer,
  writeFolder,
  type FloatType,
} from '../../support/checkpoint-folder.js'
import { buildGguf } from '../../support/gguf-file.js'
import { tempFolder } from '../../support/temp-folder.js'
import { CHAT_TEMPLATE, counting, TINY_TENSORS, tinyLlama, VOCAB } from '../../support/tiny-llama.js'

const root = tempFolder()
let folders = 0
const save = (files?: Record<string, unknown>): string => writeFolder(join(root, `folder-${folders++}`), files)

/** Expects an error with this code, whose message holds every given part. */
async function refuses(dir: string, code: string, ...parts: string[]): Promise<void> {
  const error = await openCheckpoint(dir).then(
    () => null,
    (thrown: unknown) => thrown,
  )
  assert.instance(error, ModelError, `${String(error)} instead of an error with ${parts.join(', ')}`)
  assert.is((error as ModelError).code, code)
  for (const part of parts)
    assert.ok((error as ModelError).message.includes(part), `"${(error as ModelError).message}" lacks "${part}"`)
}

test('a folder and a GGUF file of the same model are the same checkpoint', async () => {
  const path = join(root, 'tiny.gguf')
  writeFileSync(path, buildGguf(tinyLlama()))
  const [folder, file] = [await openCheckpoint(save()), await openCheckpoint(path)]
  assert.equal(JSON.stringify(file.spec).replaceAll(`${Math.fround(1e-5)}`, '0.00001'), JSON.stringify(folder.spec))
  assert.equal(folder.stopTokens, file.stopTokens)
  assert.is(folder.bosToken, null)
  assert.is(folder.chatTemplate, CHAT_TEMPLATE)
  assert.is(tokenizerHash(folder.tokenizer), tokenizerHash(file.tokenizer))
  await folder.close()
  await file.close()
})

for (const type of ['F32', 'F16', 'BF16'] as FloatType[]) {
  test(`${type} tensors read as float32`, async () => {
    const checkpoint = await openCheckpoint(save({ 'model.safetensors': shardBytes(tinyTensors(type)) }))
    for (const [, name, shape] of TINY_TENSORS) {
      assert.equal(checkpoint.shape(name), shape)
      assert.equal(await checkpoint.read(name), counting(shape), name)
    }
    await checkpoint.close()
  })
}

test('a byte order mark before any of the text files is ignored', async () => {
  const marked = (value: unknown): string => `\uFEFF${typeof value === 'string' ? value : JSON.stringify(value)}`
  const dir = save({
    'config.json': marked(tinyConfig),
    'generation_config.json': marked({ eos_token_id: [2] }),
    'tokenizer.json': marked(tinyTokenizer()),
    'tokenizer_config.json': marked({ bos_token: '<|im_start|>', eos_token: '<|im_end|>' }),
    'chat_template.jinja': marked(CHAT_TEMPLATE),
    'README.md': marked('---\nlicense: mit\n---\n'),
    'model.safetensors.index.json': marked({
      weight_map: Object.fromEntries(tinyTensors('F32').map(({ name }) => [name, 'model.safetensors'])),
    }),
  })
  const checkpoint = await openCheckpoint(dir)
  assert.is(checkpoint.chatTemplate, CHAT_TEMPLATE)
  assert.is(checkpoint.license, 'mit')
  assert.equal(checkpoint.stopTokens, [0, 2])
  await checkpoint.close()
})

test('tensors are found in shards, and each file counts for the hash', async () => {
  const tensors = tinyTensors('F32')
  const shards = { 'a.safetensors': tensors.slice(0, 4), 'b.safetensors': tensors.slice(4) }
  const weightMap = Object.fromEntries(
    Object.entries(shards).flatMap(([file, part]) => part.map(({ name }) => [name, file])),
  )
  const files = {
    'model.safetensors': null,
    'model.safetensors.index.json': { weight_map: weightMap },
    ...Object.fromEntries(Object.entries(shards).map(([file, part]) => [file, shardBytes(part)])),
  }
  const checkpoint = await openCheckpoint(save(files))
  for (const [, name, shape] of TINY_TENSORS) assert.equal(await checkpoint.read(name), counting(shape), name)
  const again = await openCheckpoint(save(files))
  assert.is(again.sha256, checkpoint.sha256)
  const other = await openCheckpoint(save({ ...files, 'generation_config.json': {} }))
  assert.is.not(other.sha256, checkpoint.sha256)
  for (const one of [checkpoint, again, other]) await one.close()
  await refuses(save({ ...files, 'b.safetensors': null }), 'model_not_found', 'b.safetensors')
  await refuses(
    save({ ...files, 'model.safetensors.index.json': { weight_map: { x: '../x.safetensors' } } }),
    'model_invalid',
    '../x.safetensors',
  )
})

test('stop tokens come from the generation configuration, and the bos token from the post-processor', async () => {
  const first = { SpecialToken: { id: '<|im_start|>', type_id: 0 } }
  const processor = { type: 'TemplateProcessing', single: [first, { Sequence: { id: 'A', type_id: 0 } }] }
  const checkpoint = await openCheckpoint(
    save({
      'generation_config.json': { eos_token_id: [5, 2] },
      'tokenizer.json': { ...tinyTokenizer(), post_processor: processor },
    }),
  )
  assert.equal(checkpoint.stopTokens, [0, 2, 5])
  assert.is(checkpoint.bosToken, 1)
  await checkpoint.close()
})

test("the template may lie in a file of its own, and the licence is the model card's", async () => {
  const checkpoint = await openCheckpoint(
    save({ 'chat_template.jinja': 'own', 'README.md': '---\nlicense: apache-2.0\n---\n# Tiny' }),
  )
  assert.is(checkpoint.chatTemplate, 'own')
  assert.is(checkpoint.license, 'apache-2.0')
  await checkpoint.close()
})

test('what is missing is not found, by its path', async () => {
  await refuses(join(root, 'none'), 'model_not_found', join(root, 'none'))
  for (const name of ['config.json', 'tokenizer.json', 'model.safetensors'])
    await refuses(save({ [name]: null }), 'model_not_found', name)
})

test('truncated and corrupt files are refused by name', async () => {
  const whole = shardBytes(tinyTensors('F32'))
  await refuses(
    save({ 'model.safetensors': whole.subarray(0, whole.length - 4) }),
    'model_invalid',
    'truncated',
    'mlp.down_proj',
    `${whole.length}`,
  )
  await refuses(save({ 'model.safetensors': whole.subarray(0, 200) }), 'model_invalid', 'truncated')
  await refuses(save({ 'model.safetensors': Buffer.alloc(4) }), 'model_invalid', '4 bytes')
  const corrupt = Buffer.from(whole)
  corrupt[8] = 0
  await refuses(save({ 'model.safetensors': corrupt }), 'model_invalid', 'corrupt header')
  await refuses(save({ 'config.json': '{' }), 'model_invalid', 'config.json', 'not JSON')
  await refuses(save({ 'tokenizer.json': '[]' }), 'model_invalid', 'tokenizer.json')
})

test('wrong tensor types, sizes, shapes and names are refused with what was expected', async () => {
  const changed = (at: number, change: Record<string, unknown>): string =>
    save({
      'model.safetensors': shardBytes(
        tinyTensors('F32').map((tensor, i) => (i === at ? { ...tensor, ...change } : tensor)),
      ),
    })
  await refuses(changed(3, { dtype: 'F64' }), 'model_invalid', 'q_proj', 'F64', 'BF16')
  await refuses(changed(3, { dtype: 'F16' }), 'model_invalid', 'q_proj', '256 bytes', '128')
  await refuses(changed(5, { shape: [8, 4] }), 'model_invalid', 'v_proj', '[8, 4]', '[4, 8]')
  await refuses(changed(5, { name: 'model.layers.0.self_attn.v_proj.bias' }), 'model_invalid', 'v_proj.bias')
  await refuses(
    save({ 'model.safetensors': shardBytes(tinyTensors('F32').slice(1)) }),
    'model_invalid',
    'model.embed_tokens.weight',
  )
})

test('other model classes and variants are refused by what differs', async () => {
  const changed = (change: Record<string, unknown>): string => save({ 'config.json': { ...tinyConfig, ...change } })
  await refuses(changed({ model_type: 'mamba' }), 'model_invalid', '"mamba"', '"llama"')
  await refuses(changed({ model_type: 'mixtral' }), 'model_invalid', 'experts', 'a dense Mistral')
  await refuses(changed({ rope_scaling: { rope_type: 'llama3', factor: 8 } }), 'model_invalid', 'low_freq_factor')
  await refuses(changed({ attention_bias: true }), 'model_invalid', 'lacks 4', 'self_attn.q_proj.bias')
  await refuses(changed({ hidden_act: 'gelu' }), 'model_invalid', 'gelu')
  await refuses(changed({ quantization_config: { bits: 4 } }), 'model_invalid', 'quantized')
  await refuses(changed({ num_attention_heads: 'two' }), 'model_invalid', 'num_attention_heads', '"two"')
  await refuses(changed({ vocab_size: VOCAB - 1 }), 'model_invalid', `${VOCAB - 1}`)
})

test.run()
