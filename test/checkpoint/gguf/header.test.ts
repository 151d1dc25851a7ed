/** Where a header says that tensors lie; `open-gguf.test.ts` opens damaged files whole. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readHeader } from '../../../src/checkpoint/gguf/header.js'
import { ModelError } from '../../../src/spec/errors.js'
import { buildGguf, type GgufFile } from '../../support/gguf-file.js'
import { tempFolder } from '../../support/temp-folder.js'

const folder = tempFolder()
let files = 0

function written(file: Partial<GgufFile>): string {
  const path = join(folder, `${files++}.gguf`)
  const data = new Uint8Array(24)
  writeFileSync(path, buildGguf({ metadata: {}, tensors: [{ name: 'a', dims: [3, 2], type: 0, data }], ...file }))
  return path
}

const refusal = async (file: Partial<GgufFile>): Promise<string> => {
  const error: unknown = await readHeader(written(file)).catch((reason: unknown) => reason)
  assert.instance(error, ModelError)
  return (error as ModelError).message
}

test('shapes are outermost first, and metadata is read by key', async () => {
  const { tensors, metadata } = await readHeader(written({ metadata: { 'general.name': 'x' } }))
  assert.equal(tensors.get('a')!.shape, [2, 3])
  assert.is(metadata.string('general.name'), 'x')
})

test('a header of any length is read whole', async () => {
  const tokens = Array.from({ length: 20_000 }, (_, i) => `token ${i} `.repeat(8))
  const { tensors, metadata } = await readHeader(written({ metadata: { tokens, last: 7 } }))
  assert.equal(metadata.strings('tokens'), tokens)
  assert.is(metadata.number('last'), 7)
  assert.ok(tensors.has('a'))
})

test('an alignment is a power of two from 8 on', async () => {
  for (const alignment of [4, 24])
    assert.match(
      await refusal({ metadata: { 'general.alignment': alignment } }),
      `states an alignment of ${alignment} bytes; expected a power of two from 8 on`,
    )
})

test('tensors of unknown types, of no values, of broken blocks and named twice are refused by name', async () => {
  const data = new Uint8Array(64)
  const one = (dims: number[], type: number): Partial<GgufFile> => ({ tensors: [{ name: 'b', dims, type, data }] })
  assert.match(await refusal(one([4], 99)), /holds tensor b in type number 99; this reader knows F32, F16/)
  assert.match(
    await refusal(one([256], 16)),
    /in type IQ2_XXS; this reader knows F32, .*Q2_K, .*IQ4_XS, MXFP4: convert/,
  )
  assert.match(await refusal(one([0, 2], 0)), /gives tensor b the shape \[2, 0\]/)
  assert.match(await refusal(one([33], 8)), /gives tensor b rows of 33 values in type Q8_0, .*blocks of 32/)
  const twice = { name: 'b', dims: [4], type: 0, data }
  assert.match(await refusal({ tensors: [twice, twice] }), /lists tensor b twice/)
})

test.run()
