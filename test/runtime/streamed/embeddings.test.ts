import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Embeddings } from '../../../src/runtime/streamed/embeddings.js'
import type { EmbeddingTable } from '../../../src/runtime/streamed/layout.js'
import { WatchedFile } from '../../../src/runtime/streamed/watched-file.js'
import { ModelError } from '../../../src/spec/errors.js'
import { tempFolder } from '../../support/temp-folder.js'

const root = tempFolder()
/** Bytes before the table: it may lie anywhere. */
const BEFORE = 8

async function fileOf(name: string, table: Uint8Array): Promise<{ file: WatchedFile; place: EmbeddingTable }> {
  const path = join(root, name)
  writeFileSync(path, Buffer.concat([new Uint8Array(BEFORE), table]))
  const place = { rows: BEFORE, scale: null, bytes: table.length, crc32: crc32(table) }
  return { file: await WatchedFile.open(path), place }
}

/** int8 rows [3, 2], then after two bytes of filling a step for each. */
const INT8 = Buffer.concat([
  Uint8Array.from(Int8Array.of(1, -2, 3, 127, -128, 0)),
  new Uint8Array(2),
  new Uint8Array(Float32Array.of(0.5, 2, 0.25).buffer),
])

test('int8 rows are multiplied by their own steps, in the order of the tokens', async () => {
  const { file, place } = await fileOf('int8', INT8)
  const embeddings = await Embeddings.open(file, { ...place, scale: BEFORE + 8 }, 3, 2)
  const out = new Float32Array(6)
  await embeddings.read([2n, 0n, 2n], out)
  assert.equal([...out], [-32, 0, 0.5, -1, -32, 0])
  await embeddings.read([1n], out)
  assert.equal([...out], [6, 254, 0.5, -1, -32, 0], 'no more than its rows is written')
  await file.close()
})

test('halves are read as they are', async () => {
  const { file, place } = await fileOf('halves', new Uint8Array(Uint16Array.of(0x3c00, 0xc000, 0x3800, 0x7bff).buffer))
  const embeddings = await Embeddings.open(file, place, 2, 2)
  const out = new Float32Array(4)
  await embeddings.read([1n, 0n], out)
  assert.equal([...out], [0.5, 65504, 1, -2])
  await file.close()
})

test('a table that is not what import wrote is refused when it is opened', async () => {
  const { file, place } = await fileOf('changed', INT8)
  const failure: unknown = await Embeddings.open(file, { ...place, crc32: 1, scale: BEFORE + 8 }, 3, 2).catch(
    (error: unknown) => error,
  )
  assert.instance(failure, ModelError)
  assert.match((failure as Error).message, /the embeddings are not what import wrote/)
  await file.close()
})

test.run()
