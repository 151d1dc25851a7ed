import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { plainSpec } from '../../../src/architectures/plain.js'
import { ModelError } from '../../../src/spec/errors.js'
import { openCheckpoint } from '../../../src/import/open-checkpoint.js'
import { buildGguf, type GgufFile } from '../../support/gguf-file.js'
import { tempFolder } from '../../support/temp-folder.js'
import { CHAT_TEMPLATE, counting, TINY_TENSORS, tinyLlama, VOCAB } from '../../support/tiny-llama.js'

const dir = tempFolder()
let files = 0

function write(bytes: Uint8Array): string {
  const path = join(dir, `${files++}.gguf`)
  writeFileSync(path, bytes)
  return path
}

const save = (file: GgufFile): string => write(buildGguf(file))

async function failure(path: string): Promise<ModelError> {
  try {
    await openCheckpoint(path)
  } catch (error) {
    if (error instanceof ModelError) return error
    throw error
  }
  return assert.unreachable('the file opened') as never
}

/** Expects an error that names the file, and whose message holds every given part. */
async function refuses(path: string, ...parts: string[]): Promise<void> {
  const error = await failure(path)
  assert.is(error.code, 'model_invalid')
  assert.is(error.path, path)
  for (const part of [path, ...parts]) assert.ok(error.message.includes(part), `"${error.message}" lacks "${part}"`)
}

test('configuration, text side and licence are read', async () => {
  const path = save(tinyLlama({ 'sequoia.acceptance.target': 'tiny' }))
  const checkpoint = await openCheckpoint(path)
  assert.equal(
    checkpoint.spec,
    plainSpec({
      vocab: VOCAB,
      hidden: 8,
      inner: 12,
      layers: 1,
      heads: 2,
      kvHeads: 1,
      headDim: 4,
      theta: 10000,
      epsilon: Math.fround(1e-5),
      maxPositions: 64,
      tied: true,
    }),
  )
  assert.is(checkpoint.chatTemplate, CHAT_TEMPLATE)
  assert.equal(checkpoint.stopTokens, [0, 2])
  assert.is(checkpoint.bosToken, null)
  assert.is(checkpoint.license, 'mit')
  assert.equal(checkpoint.metadata, { 'sequoia.acceptance.target': 'tiny' })
  assert.match(checkpoint.sha256, /^[0-9a-f]{64}$/)
  await checkpoint.close()
})

test('tensors have the names, shapes and row order of the checkpoint contract', async () => {
  const checkpoint = await openCheckpoint(save(tinyLlama()))
  for (const [, name, shape] of TINY_TENSORS) {
    assert.ok(checkpoint.has(name))
    assert.equal(checkpoint.shape(name), shape)
    const values = await checkpoint.read(name)
    if (!/[qk]_proj/.test(name)) assert.equal(values, counting(shape), name)
  }
  const firstOfRow = Array.from(await checkpoint.read('model.layers.0.self_attn.q_proj.weight')).filter(
    (_, i) => i % 8 === 0,
  )
  assert.equal(
    firstOfRow,
    [0, 2, 1, 3, 4, 6, 5, 7],
    'row 2j of a head is value j of its first half, row 2j + 1 of its second',
  )
  assert.not(checkpoint.has('lm_head.weight'))
  assert.throws(
    () => checkpoint.shape('lm_head.weight'),
    (error: unknown) => error instanceof ModelError && error.message.includes('lm_head.weight'),
  )
  await checkpoint.close()
})

test('a bos token is put before text only where the file asks for it', async () => {
  const checkpoint = await openCheckpoint(save(tinyLlama({ 'tokenizer.ggml.add_bos_token': true })))
  assert.is(checkpoint.bosToken, 1)
  await checkpoint.close()
})

test('a missing file is not found, by its path', async () => {
  const path = join(dir, 'none.gguf')
  const error = await failure(path)
  assert.is(error.code, 'model_not_found')
  assert.ok(error.message.includes(path))
})

test('another kind of file is refused with the bytes it starts with', async () => {
  await refuses(save({ ...tinyLlama(), magic: 'GGML' }), '47474d4c', '47475546')
  await refuses(write(Buffer.from('GGUF')), '4 bytes', '24')
})

test('another version is refused', async () => {
  await refuses(save({ ...tinyLlama(), version: 9 }), 'version 9', '2 and 3')
})

test('a file cut anywhere is refused as truncated or corrupt', async () => {
  const whole = buildGguf(tinyLlama())
  await refuses(
    write(whole.subarray(0, whole.length - 64)),
    'truncated',
    'blk.0.ffn_down.weight',
    `${whole.length - 64}`,
  )
  for (const length of [24, 100, 1000, 6000]) await refuses(write(whole.subarray(0, length)), 'download')
})

test('an unknown tensor type is refused with its name and the known ones', async () => {
  const file = tinyLlama()
  file.tensors[3].type = 16
  await refuses(save(file), 'blk.0.attn_q.weight', 'IQ2_XXS', 'Q8_0')
  file.tensors[3].type = 4242
  await refuses(save(file), 'blk.0.attn_q.weight', '4242')
})

test('a wrong tensor type shows as blocks that do not fit', async () => {
  const file = tinyLlama()
  file.tensors[3].type = 8
  await refuses(save(file), 'blk.0.attn_q.weight', 'rows of 8', 'Q8_0', '32')
})

test('a tensor of the wrong shape is refused with both shapes', async () => {
  const file = tinyLlama()
  file.tensors[5].dims = [4, 8]
  await refuses(save(file), 'blk.0.attn_v.weight', '[8, 4]', '[4, 8]')
})

test('missing, surplus, doubled and overlapping tensors are refused by name', async () => {
  const lacking = tinyLlama()
  lacking.tensors.splice(4, 1)
  await refuses(save(lacking), 'blk.0.attn_k.weight')
  const surplus = tinyLlama()
  surplus.tensors.push({ name: 'blk.0.ffn_norm.bias', dims: [8], type: 0, data: new Uint8Array(32) })
  await refuses(save(surplus), 'blk.0.ffn_norm.bias')
  const half = tinyLlama()
  half.tensors.push({ name: 'blk.0.attn_q.bias', dims: [8], type: 0, data: new Uint8Array(32) })
  await refuses(save(half), 'lacks 2', 'blk.0.attn_k.bias')
  const experts = tinyLlama()
  experts.tensors.push({ name: 'blk.0.ffn_gate_inp.weight', dims: [8], type: 0, data: new Uint8Array(32) })
  await refuses(save(experts), 'experts', 'dense')
  const doubled = tinyLlama()
  doubled.tensors.push(doubled.tensors[2])
  await refuses(save(doubled), 'blk.0.attn_norm.weight', 'twice')
  const overlapping = tinyLlama()
  overlapping.tensors[5].offset = 0
  await refuses(save(overlapping), 'blk.0.attn_v.weight', 'token_embd.weight')
})

test('other architectures and variants are refused by name', async () => {
  await refuses(save(tinyLlama({ 'general.architecture': 'mamba' })), '"mamba"', '"llama"')
  await refuses(save(tinyLlama({ 'general.architecture': 'qwen3moe' })), 'experts', 'a dense Qwen 3')
  await refuses(save(tinyLlama({ 'llama.rope.scaling.type': 'by-ear' })), '"by-ear"', 'yarn')
  await refuses(save(tinyLlama({ 'tokenizer.ggml.model': 'bert' })), '"bert"', 'gpt2', 'llama')
  await refuses(save(tinyLlama({ 'tokenizer.ggml.pre': 'new-rule' })), '"new-rule"', 'smollm')
})

test('metadata that is missing, mistyped or inconsistent is refused by its key', async () => {
  const lacking = tinyLlama()
  delete lacking.metadata['llama.block_count']
  await refuses(save(lacking), 'llama.block_count')
  await refuses(save(tinyLlama({ 'llama.block_count': 0xffff0001 })), '4294901761 layers', '11 tensors')
  await refuses(save(tinyLlama({ 'llama.attention.head_count': 'two' })), 'llama.attention.head_count', '"two"')
  await refuses(save(tinyLlama({ 'tokenizer.ggml.tokens': ['a', 'b'] })), '2 tokens', `${VOCAB} rows`)
  await refuses(save(tinyLlama({ 'tokenizer.ggml.eos_token_id': 9999 })), '9999', 'tokenizer.ggml.eos_token_id')
})

test('a flipped byte in the header never fails other than with a ModelError', async () => {
  const whole = buildGguf(tinyLlama())
  const headerBytes =
    whole.length - tinyLlama().tensors.reduce((sum, tensor) => sum + Math.ceil(tensor.data.length / 32) * 32, 0)
  let refused = 0
  for (let at = 0; at < headerBytes; at += at < 64 ? 1 : 41) {
    const flipped = Buffer.from(whole)
    flipped[at] ^= 0xff
    const path = write(flipped)
    try {
      await (await openCheckpoint(path)).close()
    } catch (error) {
      assert.instance(error, ModelError, `byte ${at}: ${String(error)}`)
      refused++
    }
  }
  assert.ok(refused > 60, `${refused} flips were noticed`)
})

test('a file without token types has the same control tokens, which end texts and are no text', async () => {
  const { 'tokenizer.ggml.token_type': _, ...metadata } = tinyLlama().metadata
  const [typed, bare] = [
    await openCheckpoint(save(tinyLlama())),
    await openCheckpoint(save({ ...tinyLlama(), metadata })),
  ]
  assert.equal(bare.tokenizer, typed.tokenizer)
  assert.equal(bare.stopTokens, typed.stopTokens)
  await typed.close()
  await bare.close()
})

test.run()
