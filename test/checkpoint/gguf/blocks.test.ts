// @process native
import { readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { blockKind, supportedKinds } from '../../../src/checkpoint/gguf/blocks.js'
import { openCheckpoint } from '../../../src/import/open-checkpoint.js'
import { realModelTest, smollm2File } from '../../support/smollm2.js'

interface Vectors {
  kinds: { kind: string; type: number; bytes: string; values: string }[]
  rows: { tensor: string; row: number; values: string }[]
}

/** Made by models/recipe/gguf_vectors.py. */
const vectors = JSON.parse(
  readFileSync(new URL('../../fixtures/reference/gguf-blocks.json', import.meta.url), 'utf8'),
) as Vectors

function floats(base64: string): Float32Array {
  const bytes = Uint8Array.from(Buffer.from(base64, 'base64'))
  return new Float32Array(bytes.buffer)
}

test('the reference values cover every supported type', () => {
  assert.equal(vectors.kinds.map((entry) => entry.kind).sort(), supportedKinds().sort())
})

for (const { kind: name, type, bytes, values } of vectors.kinds) {
  test(`${name} blocks decode to the reference implementation's very values`, () => {
    const kind = blockKind(type)
    assert.is(kind?.name, name)
    const expected = floats(values)
    const out = new Float32Array(expected.length + 1).fill(7)
    kind?.decode(Buffer.from(bytes, 'base64'), 0, out, 0, expected.length)
    assert.equal(out.subarray(0, expected.length), expected)
    assert.is(out[expected.length], 7, 'nothing is written past the last value')
  })
}

realModelTest(
  "SmolLM2's tensors, q and k un-permuted, are the reference implementation's to the last bit",
  async () => {
    const checkpoint = await openCheckpoint(smollm2File)
    for (const { tensor, row, values } of vectors.rows) {
      const expected = floats(values)
      const shape = checkpoint.shape(tensor)
      const start = row * shape[shape.length - 1]
      assert.equal((await checkpoint.read(tensor)).slice(start, start + expected.length), expected, tensor)
    }
    await checkpoint.close()
  },
)

test.run()
