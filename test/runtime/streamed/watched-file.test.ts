import { appendFileSync, renameSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { verifyBytes, verifyTable, WatchedFile } from '../../../src/runtime/streamed/watched-file.js'
import { ModelError } from '../../../src/spec/errors.js'
import { tempFolder } from '../../support/temp-folder.js'

const root = tempFolder()
let files = 0

async function opened(bytes: Uint8Array): Promise<{ path: string; file: WatchedFile }> {
  const path = join(root, `${files++}.bin`)
  writeFileSync(path, bytes)
  return { path, file: await WatchedFile.open(path) }
}

async function failure(work: Promise<unknown>): Promise<ModelError> {
  const error: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  )
  assert.instance(error, ModelError)
  return error as ModelError
}

test('a few bytes are read from anywhere, and bytes behind the end are an error that says where it is', async () => {
  const { file, path } = await opened(Uint8Array.of(1, 2, 3, 4))
  const into = new Uint8Array(2)
  await file.readAnywhere(into, 1)
  assert.equal([...into], [2, 3])
  const { code, message } = await failure(file.readAnywhere(into, 3))
  assert.is(code, 'model_invalid')
  assert.ok(message.startsWith(`${path} ends at byte 4, import wrote more; delete its folder`))
  await file.close()
})

test('a file that is not there, and one that is gone, are not found', async () => {
  const nowhere = join(root, 'nowhere.bin')
  assert.is((await failure(WatchedFile.open(nowhere))).code, 'model_not_found')
  const { file, path } = await opened(Uint8Array.of(1))
  rmSync(path)
  const { code, message } = await failure(file.hasChanged())
  assert.is(code, 'model_not_found')
  assert.match(message, /is gone; import the model again/)
  await file.close()
})

test('a change is told once: of size, of times, and of the file at the path', async () => {
  const { file, path } = await opened(Uint8Array.of(1, 2))
  const changes: [string, () => void][] = [
    ['longer', () => appendFileSync(path, 'x')],
    ['shorter', () => truncateSync(path, 1)],
    ['times', () => utimesSync(path, 1, 1)],
    [
      'another file',
      () => {
        writeFileSync(`${path}.next`, Uint8Array.of(9))
        renameSync(`${path}.next`, path)
      },
    ],
  ]
  assert.is(await file.hasChanged(), false)
  for (const [what, change] of changes) {
    change()
    assert.is(await file.hasChanged(), true, what)
    assert.is(await file.hasChanged(), false, what)
  }
  const into = new Uint8Array(1)
  await file.readAnywhere(into, 0)
  assert.is(into[0], 9, 'the file that is there is the one that is read')
  await file.close()
})

test('bytes are what import wrote where their CRC-32 is, also of more than one piece', async () => {
  const bytes = new Uint8Array(5 * 2 ** 20).map((_, i) => i)
  await verifyBytes(bytes, crc32(bytes), 'the weights of layer 3', 'weights.bin')
  bytes[bytes.length - 1] ^= 1
  const { code, message } = await failure(verifyBytes(bytes, 7, 'the weights of layer 3', 'weights.bin'))
  assert.is(code, 'model_invalid')
  assert.ok(
    message.startsWith(
      'weights.bin: the weights of layer 3 are not what import wrote ' +
        `(CRC-32 ${crc32(bytes)}, not 7); delete its folder`,
    ),
  )
})

test('a table is compared from its first byte to its last, wherever it lies', async () => {
  const bytes = new Uint8Array(5 * 2 ** 20).map((_, i) => i * 7)
  const { file } = await opened(bytes)
  const size = bytes.length - 20
  const table = { rows: 10, scale: null, bytes: size, crc32: crc32(bytes.subarray(10, 10 + size)) }
  await verifyTable(file, table, 'the embeddings')
  assert.match(
    (await failure(verifyTable(file, { ...table, bytes: size - 1 }, 'the embeddings'))).message,
    /embeddings/,
  )
  assert.match((await failure(verifyTable(file, { ...table, bytes: size + 30 }, 'the embeddings'))).message, /ends at/)
  await file.close()
})

test.run()
