/** The note of what a weight file holds. */
import { readFileSync, writeFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { fp16 } from '../../src/formats/fp16.js'
import type { ModelWeights } from '../../src/graph/model-graph.js'
import { finishedParts, PartKeeper, unfinishedParts } from '../../src/import/kept-parts.js'
import { tempFolder } from '../support/temp-folder.js'

const facts = { bytes: 4096, sha256: 'abc' }
const ref = { name: 'w', type: 'float16', dims: [2, 2], file: 'weights.bin', offset: 0, bytes: 8 } as const
const layer = { kind: fp16.linears, inputs: 2, tensors: { weight: { ...ref, dims: [2, 2] } }, numbers: { step: 0.1 } }
const region = { offset: 0, bytes: 4096, crc32: 7 }
const weights: ModelWeights = {
  embedding: { rows: { ...ref, dims: [2, 2] }, kind: fp16.table, region },
  layers: [{ norms: {}, biases: {}, qkv: layer, o: layer, gateUp: layer, down: layer, region }],
  finalNorm: { ...ref, dims: [2] },
  head: layer,
  rotary: [],
  integers: null,
}
const streams = [Float32Array.of(1, 2, 3), Float32Array.of(4)]

test('parts and streams come back as they were, of the newest note, for the same key alone', async () => {
  const dir = tempFolder()
  const keeper = new PartKeeper(dir, 'key')
  assert.is(await unfinishedParts(dir, 'key', fp16), null)
  await keeper.keep({ parts: { embedding: weights.embedding }, facts: { bytes: 1, sha256: 'x' }, streams: [] })
  assert.equal((await unfinishedParts(dir, 'key', fp16))?.streams, [])
  const parts = { embedding: weights.embedding, layers: weights.layers }
  await keeper.keep({ parts, facts, streams })
  const found = await unfinishedParts(dir, 'key', fp16)
  assert.equal(found, { parts, facts, streams })
  assert.is(found?.parts.layers?.[0].qkv.kind, fp16.linears)
  assert.is(found?.parts.embedding?.kind, fp16.table)
  assert.is(await unfinishedParts(dir, 'other', fp16), null)
  assert.is(await finishedParts(dir, 'key', fp16), null)
})

test('once all are written they are no longer to be gone on with, and streams are gone', async () => {
  const dir = tempFolder()
  const keeper = new PartKeeper(dir, 'key')
  for (let i = 0; i < 3; i++) await keeper.keep({ parts: {}, facts, streams })
  await keeper.finish(weights, facts)
  assert.equal(await finishedParts(dir, 'key', fp16), { weights, facts })
  assert.is(await unfinishedParts(dir, 'key', fp16), null)
  for (const name of ['.streams-0', '.streams-1']) assert.not(existsSync(join(dir, name)))
})

test('a damaged note is none, and so is one whose streams are damaged', async () => {
  const dir = tempFolder()
  await new PartKeeper(dir, 'key').keep({ parts: {}, facts, streams })
  const path = join(dir, '.parts.json')
  const text = readFileSync(path, 'utf8')
  writeFileSync(path, text.replace('4096', '4097'))
  assert.is(await unfinishedParts(dir, 'key', fp16), null)
  writeFileSync(path, text)
  assert.ok(await unfinishedParts(dir, 'key', fp16))
  writeFileSync(join(dir, '.streams-0'), new Uint8Array(16))
  assert.is(await unfinishedParts(dir, 'key', fp16), null)
})

test.run()
