/** Reading tensors out of a file, and places that cannot be right. */
import { writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { F32 } from '../../src/checkpoint/gguf/blocks.js'
import { checkOverlap, readTensor, type RowOrder, type StoredTensor } from '../../src/checkpoint/stored-tensor.js'
import { ModelError } from '../../src/spec/errors.js'
import { tempFolder } from '../support/temp-folder.js'

const path = join(tempFolder(), 'weights')
writeFileSync(path, new Uint8Array(Float32Array.from({ length: 8 }, (_, i) => i).buffer))

/** float32 of this shape from value `first` of the file on. */
const tensor = (name: string, shape: number[], first: number): StoredTensor => ({
  name,
  shape,
  kind: F32,
  offset: 4 * first,
  bytes: 4 * shape.reduce((product, size) => product * size, 1),
})

async function read(stored: StoredTensor, order?: RowOrder): Promise<number[]> {
  const file = await open(path)
  try {
    return [...(await readTensor(file, path, stored, order))]
  } finally {
    await file.close()
  }
}

test('a tensor is read from its place, its rows put where the order says', async () => {
  assert.equal(await read(tensor('a', [3, 2], 2)), [2, 3, 4, 5, 6, 7])
  assert.equal(await read(tensor('a', [3, 2], 2), (row) => 2 - row), [6, 7, 4, 5, 2, 3])
})

test('a file that ends inside a tensor is told with both bytes', async () => {
  const error: unknown = await read(tensor('a', [4, 2], 4)).catch((reason: unknown) => reason)
  assert.instance(error, ModelError)
  assert.match((error as ModelError).message, /ends at byte 32; 48 were expected: download it again/)
})

test('tensors may touch, in any order, but not lie in one another', () => {
  checkOverlap(path, [tensor('b', [2], 2), tensor('a', [2], 0)])
  assert.throws(
    () => checkOverlap(path, [tensor('b', [2], 1), tensor('a', [2], 0)]),
    (error: unknown) => error instanceof ModelError && /places tensor b inside tensor a \(byte 4\)/.test(error.message),
  )
})

test.run()
