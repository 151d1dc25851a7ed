/** A checkpoint put together of its file, its family and its text side. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { openCheckpoint } from '../../src/import/open-checkpoint.js'
import { ModelError } from '../../src/spec/errors.js'
import { buildGguf } from '../support/gguf-file.js'
import { tempFolder } from '../support/temp-folder.js'
import { counting, tinyLlama } from '../support/tiny-llama.js'

const folder = tempFolder()
const path = join(folder, 'tiny.gguf')
writeFileSync(path, buildGguf(tinyLlama()))

test('tensors go by the canonical names, whatever the file calls them, in the canonical order of rows', async () => {
  const checkpoint = await openCheckpoint(path)
  assert.ok(checkpoint.has('model.layers.0.mlp.gate_proj.weight'))
  assert.not.ok(checkpoint.has('blk.0.ffn_gate.weight'))
  assert.equal(checkpoint.shape('model.layers.0.mlp.gate_proj.weight'), [12, 8])
  assert.equal(await checkpoint.read('model.layers.0.mlp.gate_proj.weight'), counting([12, 8]))
  // GGUF interleaves the two halves of each head of 4 rows: 0 2 1 3.
  const q = await checkpoint.read('model.layers.0.self_attn.q_proj.weight')
  const whole = counting([8, 8])
  assert.equal(q.slice(8, 16), whole.slice(16, 24))
  await checkpoint.close()
})

test('a tensor that is not there is an error that names file and tensor', async () => {
  const checkpoint = await openCheckpoint(path)
  assert.throws(
    () => checkpoint.shape('lm_head.weight'),
    (error: unknown) => error instanceof ModelError && error.message === `${path} has no tensor lm_head.weight`,
  )
  await checkpoint.close()
})

test('a family that is not among those asked for is refused, and so is a path where nothing is', async () => {
  for (const [where, architectures] of [
    [path, []],
    [join(folder, 'none.gguf'), undefined],
  ] as const) {
    const error: unknown = await openCheckpoint(where, architectures).catch((reason: unknown) => reason)
    assert.instance(error, ModelError)
  }
})

test('what lies beside a GGUF file is of the checkpoint: sampling, further end tokens, another hash', async () => {
  const dir = tempFolder()
  const other = join(dir, 'tiny.gguf')
  writeFileSync(other, buildGguf(tinyLlama()))
  writeFileSync(join(dir, 'generation_config.json'), JSON.stringify({ eos_token_id: [2, 5], top_k: 20 }))
  const [plain, beside] = [await openCheckpoint(path), await openCheckpoint(other)]
  assert.equal([plain.sampling, beside.sampling], [{}, { topK: 20 }])
  assert.equal(beside.stopTokens, [...new Set([...plain.stopTokens, 2, 5])].sort())
  assert.is.not(beside.sha256, plain.sha256)
  await plain.close()
  await beside.close()
})

test.run()
