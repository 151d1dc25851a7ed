/** The header of one `.safetensors` file. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readShard } from '../../../src/checkpoint/safetensors/shard.js'
import { ModelError } from '../../../src/spec/errors.js'
import { tempFolder } from '../../support/temp-folder.js'

const path = join(tempFolder(), 'model.safetensors')

/** A file with this header and so many bytes of data. */
function shard(header: unknown, dataBytes: number): void {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(text.length))
  writeFileSync(path, Buffer.concat([length, text, Buffer.alloc(dataBytes)]))
}
async function refusal(header: unknown, dataBytes = 16): Promise<string> {
  shard(header, dataBytes)
  const error: unknown = await readShard(path).catch((reason: unknown) => reason)
  assert.instance(error, ModelError)
  assert.is((error as ModelError).code, 'model_invalid')
  return (error as ModelError).message
}
const entry = { dtype: 'F16', shape: [2, 3], data_offsets: [0, 12] }

test('each tensor has its shape and its place in the file; notes are no tensor', async () => {
  const header = { __metadata__: { format: 'pt' }, a: entry, b: { dtype: 'F32', shape: [1], data_offsets: [12, 16] } }
  shard(header, 16)
  const tensors = await readShard(path)
  const start = 8 + JSON.stringify(header).length
  assert.equal([...tensors.keys()], ['a', 'b'])
  const { kind, ...a } = tensors.get('a')!
  assert.equal(a, { name: 'a', shape: [2, 3], offset: start, bytes: 12 })
  assert.equal([kind.name, tensors.get('b')!.offset], ['F16', start + 12])
})

test('types that are not read are refused with those that are', async () => {
  assert.match(
    await refusal({ a: { ...entry, dtype: 'I8' } }),
    /tensor a in type "I8"; this reader knows F32, F16, BF16/,
  )
})

test('sizes that do not agree with shapes or with the file are refused with both', async () => {
  assert.match(await refusal({ a: { ...entry, data_offsets: [0, 10] } }), /\[2, 3\] in F16 10 bytes; it takes 12/)
  assert.match(await refusal({ a: entry }, 11), /is truncated: tensor a ends at byte \d+, the file has \d+/)
  assert.match(await refusal({ a: entry, b: entry }), /places tensor b inside tensor a/)
})

test('headers that are cut, no object or without a place are corrupt', async () => {
  assert.match(await refusal('{"a":'), /has a corrupt header/)
  assert.match(await refusal('[]'), /header that is no JSON object/)
  for (const broken of [
    { ...entry, shape: [] },
    { ...entry, shape: [-2, 3] },
    { ...entry, data_offsets: [0] },
  ])
    assert.match(await refusal({ a: broken }), /tensor a lacks its shape or place/)
  writeFileSync(path, 'short')
  assert.match(String(await readShard(path).catch((error: unknown) => error)), /has 5 bytes, too few/)
  writeFileSync(path, Buffer.alloc(12, 255))
  assert.match(String(await readShard(path).catch((error: unknown) => error)), /is truncated or no safetensors file/)
})

test.run()
