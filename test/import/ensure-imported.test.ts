// @process native
import {
  closeSync,
  openSync,
  readFileSync,
  readSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ModelError } from '../../src/spec/errors.js'
import { ensureImported, loadManifest } from '../../src/import/index.js'
import { folderName } from '../../src/import/ensure-imported.js'
import { buildGguf } from '../support/gguf-file.js'
import { randomLlama } from '../support/random-llama.js'
import { tempFolder } from '../support/temp-folder.js'
import { tinyLlama } from '../support/tiny-llama.js'

/** Imports and says whether any work was done. */
async function ensure(
  source: Parameters<typeof ensureImported>[0],
  cacheDir: string,
  format: 'fp32' | 'w8a8' = 'fp32',
): Promise<{ dir: string; worked: boolean }> {
  let lines = 0
  const { dir } = await ensureImported(source, { cacheDir, format, onProgress: () => lines++ })
  return { dir, worked: lines > 0 }
}

test('a checkpoint is imported once; formats lie side by side', async () => {
  const cacheDir = tempFolder()
  const first = await ensure(randomLlama(), cacheDir)
  assert.ok(first.worked)
  assert.equal(await ensure(randomLlama(), cacheDir), { dir: first.dir, worked: false })
  const other = await ensure(randomLlama(), cacheDir, 'w8a8')
  assert.ok(other.worked)
  assert.is.not(other.dir, first.dir)
})

test("a folder's name says the format with its revision, and whether K is kept in halves", () => {
  const checkpoint = { name: 'a model', sha256: '0123456789abcdefghij' }
  assert.match(folderName(checkpoint, { format: 'fp32', kv: 'f32' }), /^a_model-0123456789abcdef-fp32-v\d+$/)
  assert.match(folderName(checkpoint, { format: 'q4', kv: 'f16' }), /-q4-r\d+-k16-v\d+$/)
})

test('models with norms behind branches have revisions of their own', async () => {
  const folder = async (name: string, format: 'fp32' | 'w8a8' | 'q4'): Promise<string> => {
    const source = fileURLToPath(new URL(`../fixtures/families/${name}`, import.meta.url))
    return basename((await ensureImported(source, { cacheDir: root, format, integers: 'int8' })).dir)
  }
  const root = tempFolder()
  for (const name of ['gemma3', 'olmo2']) {
    assert.match(await folder(name, 'w8a8'), /-w8a8-r3-v\d+$/)
    assert.match(await folder(name, 'q4'), /-q4-r4-v\d+$/)
  }
  assert.match(await folder('qwen3', 'w8a8'), /-w8a8-v\d+$/)
  assert.match(await folder('qwen3', 'q4'), /-q4-r2-v\d+$/)
  assert.match(await folder('gemma3', 'fp32'), /-fp32-v\d+$/)
})

test("options that say more, such as an engine's, find the same import", async () => {
  const options = { cacheDir: tempFolder(), format: 'fp32' as const, target: 'path/to/model.gguf' }
  assert.is((await ensureImported(randomLlama(), options)).dir, (await ensure(randomLlama(), options.cacheDir)).dir)
})

test('another checkpoint of the same name is another import', async () => {
  const cacheDir = tempFolder()
  assert.is.not((await ensure(randomLlama({}, 1), cacheDir)).dir, (await ensure(randomLlama({}, 2), cacheDir)).dir)
})

test('a model that turns keys of short texts otherwise has an import of its own for them, no other has', async () => {
  const cacheDir = tempFolder()
  const folder = async (name: string, maxContext?: number): Promise<string> => {
    const source = fileURLToPath(new URL(`../fixtures/families/${name}`, import.meta.url))
    const options = { cacheDir, format: 'fp32', maxContext }
    const { dir, manifest } = await ensureImported(source, options)
    assert.is((await ensureImported(source, options)).dir, dir)
    return `${basename(dir)} ${manifest.spec.maxPositions}`
  }
  const [long, within, beyond] = [await folder('phi3'), await folder('phi3', 12), await folder('phi3', 17)]
  assert.match(within, /-within-16-.* 16$/)
  assert.is(beyond, long)
  assert.is(await folder('qwen3', 12), await folder('qwen3'))
})

test('a damaged import is made anew', async () => {
  const cacheDir = tempFolder()
  const { dir } = await ensure(randomLlama(), cacheDir)
  truncateSync(join(dir, 'weights.bin'), 10)
  assert.equal(await ensure(randomLlama(), cacheDir), { dir, worked: true })
  assert.ok(statSync(join(dir, 'weights.bin')).size > 10)
})

test('a flipped byte of a large weight file is found, whatever its time says, and the import made anew', async () => {
  const cacheDir = tempFolder()
  const source = randomLlama({ inner: 8192, hidden: 128 })
  const { dir } = await ensure(source, cacheDir)
  const path = join(dir, 'weights.bin')
  const { size, atime, mtime } = statSync(path)
  assert.ok(size > 2 ** 23, `${size} bytes`)
  assert.equal(await ensure(source, cacheDir), { dir, worked: false })
  const file = openSync(path, 'r+')
  const byte = Buffer.alloc(1)
  readSync(file, byte, 0, 1, size >> 1)
  byte[0] ^= 1
  writeSync(file, byte, 0, 1, size >> 1)
  closeSync(file)
  utimesSync(path, atime, mtime)
  assert.equal(await ensure(source, cacheDir), { dir, worked: true })
  assert.equal(await ensure(source, cacheDir), { dir, worked: false })
})

test('an import whose manifest lacks the description of the layers gets another, and its weights stay', async () => {
  const cacheDir = tempFolder()
  const { dir } = await ensure(randomLlama(), cacheDir)
  const path = join(dir, 'sequoia.json')
  const { spec, ...rest } = JSON.parse(readFileSync(path, 'utf8')) as { spec: object }
  assert.ok(spec)
  writeFileSync(path, JSON.stringify({ ...rest, config: { layers: 2 } }))
  const weights = (): number => statSync(join(dir, 'weights.bin')).ino
  const before = weights()
  assert.equal(await ensure(randomLlama(), cacheDir), { dir, worked: false })
  assert.equal((await loadManifest(dir)).spec, randomLlama().spec)
  assert.is(weights(), before)
  assert.equal(await ensure(randomLlama(), cacheDir), { dir, worked: false })
})

test('a file seen before is not read again; one that was touched is, and found to be the same', async () => {
  const cacheDir = tempFolder()
  const path = join(cacheDir, 'tiny.gguf')
  const write = (bytes: Uint8Array, seconds: number): void => {
    writeFileSync(path, bytes)
    utimesSync(path, seconds, seconds)
  }
  const gguf = buildGguf(tinyLlama())
  write(gguf, 1000)
  const { dir, worked } = await ensure(path, cacheDir)
  assert.ok(worked)
  write(new Uint8Array(gguf.length), 1000)
  assert.equal(await ensure(path, cacheDir), { dir, worked: false }, 'size and time are those of the file seen before')
  write(gguf, 2000)
  assert.equal(await ensure(path, cacheDir), { dir, worked: false }, 'the same content under a new time')
})

test('a path that leads nowhere is refused by name', async () => {
  const cacheDir = tempFolder()
  const path = join(cacheDir, 'none.gguf')
  const error = await ensure(path, cacheDir).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  assert.instance(error, ModelError)
  assert.match((error as Error).message, /none\.gguf/)
})

test.run()
