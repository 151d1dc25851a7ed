import { readFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { WeightFile } from '../../src/import/weight-file.js'
import { tempFolder } from '../support/temp-folder.js'

test('tensors start on pages, regions take whole ones, and what is said of the file is what it holds', async () => {
  const path = join(tempFolder(), 'weights.bin')
  const file = await WeightFile.create(path)
  const first = await file.add('a', 'float32', [2], Float32Array.of(1, 2))
  const { written, region } = await file.region(() => file.add('b', 'int8', [3], Int8Array.of(1, -2, 3)))
  const last = await file.add('c', 'uint8', [1], Uint8Array.of(9))
  const { bytes, sha256 } = await file.finish()
  const data = readFileSync(path)
  assert.equal([first.offset, written.offset, last.offset, bytes, data.length], [0, 4096, 8192, 8193, 8193])
  assert.equal([region.offset, region.bytes], [4096, 4096])
  assert.is(region.crc32, crc32(data.subarray(4096, 8192)))
  assert.is(sha256, createHash('sha256').update(data).digest('hex'))
  assert.equal([...new Int8Array(data.buffer, data.byteOffset + 4096, 3)], [1, -2, 3])
  assert.is(written.file, 'weights.bin')
})

test('a file that is there is not written over', async () => {
  const path = join(tempFolder(), 'weights.bin')
  await (await WeightFile.create(path)).finish()
  const error = await WeightFile.create(path).then(
    () => null,
    (reason: NodeJS.ErrnoException) => reason,
  )
  assert.is(error?.code, 'EEXIST')
})

test('a file is gone on with after bytes that it holds, and has the hash that it would have had at once', async () => {
  const whole = join(tempFolder(), 'weights.bin')
  const parts = [Float32Array.of(1, 2), Uint8Array.of(3, 4, 5)]
  const at = async (file: WeightFile, from: number): Promise<object> => {
    for (const [i, part] of parts.entries()) if (i >= from) await file.add(`${i}`, 'uint8', [part.length], part)
    return file.finish()
  }
  const expected = await at(await WeightFile.create(whole), 0)
  const path = join(tempFolder(), 'weights.bin')
  const first = await WeightFile.create(path)
  await first.add('0', 'float32', [2], parts[0])
  const { facts } = first
  await first.add('more', 'uint8', [3], Uint8Array.of(9, 9, 9))
  await first.abandon()
  const again = await WeightFile.reopen(path, facts)
  assert.equal(await at(again!, 1), expected)
  assert.equal(readFileSync(path), readFileSync(whole))
  const others = [
    { ...facts, sha256: '0'.repeat(64) },
    { ...facts, bytes: 1e6 },
  ]
  for (const other of others) assert.is(await WeightFile.reopen(path, other), null)
  assert.is(await WeightFile.reopen(join(tempFolder(), 'none'), facts), null)
})

test.run()
