// @process own
/** Imports that were killed and imports that differ in their graphs alone: what is there is not made again. */
import { spawn } from 'node:child_process'
import { readFileSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { writeBlocks } from '../../bench/offload/write-gguf.js'
import { ensureImported, verifyFiles } from '../../src/import/index.js'
import { keptFault } from '../../src/import/file-facts.js'
import { removeLeftovers } from '../../src/import/leftovers.js'
import { finished } from '../support/cli.js'
import type { ImportRun } from '../support/import-child.js'
import { nodeArgs } from '../support/program.js'
import { randomLlama } from '../support/random-llama.js'
import { tempFolder } from '../support/temp-folder.js'

const CHILD = nodeArgs(import.meta.resolve('../support/import-child.js'))

/** Sizes and hashes of an import's files, and the parts that were told. */
async function imported(
  source: Parameters<typeof ensureImported>[0],
  cacheDir: string,
  options: Partial<Parameters<typeof ensureImported>[1]> = {},
): Promise<{ checks: object; parts: string[]; weights: string }> {
  const parts: string[] = []
  const onProgress = ({ part }: { part?: string }): unknown => part !== undefined && parts.push(part)
  const { dir } = await ensureImported(source, { cacheDir, format: 'w8a8', ...options, onProgress })
  return { checks: (await verifyFiles(dir)).checks, parts, weights: join(dir, 'weights.bin') }
}

async function killed(run: ImportRun): Promise<string> {
  const child = spawn(process.execPath, [...CHILD, JSON.stringify(run)], { stdio: ['ignore', 'pipe', 'pipe'] })
  await finished(child)
  assert.is(child.signalCode, 'SIGKILL')
  const dir = join(run.cacheDir, 'imported')
  const [left] = readdirSync(dir)
  return join(dir, left)
}

const plain = { vocab: 8192, theta: 10000, epsilon: 1e-5, maxPositions: 64, tied: false, headDim: 64 }
const shape = { ...plain, hidden: 256, inner: 1280, layers: 4, heads: 4, kvHeads: 2 }

for (const format of ['w8a8', 'fp16']) {
  test(`a killed import goes on at its layer and has the bytes of one that nobody disturbed (${format})`, async () => {
    const source = join(tempFolder(), 'model.gguf')
    await writeBlocks(source, shape, 'Q4_0')
    const whole = await imported(source, tempFolder(), { format })
    assert.is(whole.parts[0], 'embeddings')
    const cacheDir = tempFolder()
    const left = await killed({ source, cacheDir, format, killAt: 'layer 4 of 4' })
    await removeLeftovers(join(cacheDir, 'imported'))
    const again = await imported(source, cacheDir, { format })
    assert.equal(again.checks, whole.checks)
    // Of a layer that is seen the one before is not written yet.
    assert.is(again.parts[0], format === 'w8a8' ? 'layer 3 of 4' : 'layer 4 of 4')
    assert.not(readdirSync(join(cacheDir, 'imported')).some((name) => left.endsWith(name)))
  })
}

test('what a killed import wrote is not gone on with where it is damaged', async () => {
  const source = join(tempFolder(), 'model.gguf')
  await writeBlocks(source, shape, 'Q4_0')
  const cacheDir = tempFolder()
  const left = await killed({ source, cacheDir, format: 'w8a8', killAt: 'head' })
  const path = join(left, 'weights.bin')
  const bytes = readFileSync(path)
  bytes[5000] ^= 1
  writeFileSync(path, bytes)
  const again = await imported(source, cacheDir)
  assert.is(again.parts[0], 'embeddings')
  assert.equal(again.checks, (await imported(source, tempFolder())).checks)
})

test('imports with and without features, and with K in halves, share the weight file', async () => {
  const cacheDir = tempFolder()
  const source = randomLlama()
  const first = await imported(source, cacheDir)
  const others = [await imported(source, cacheDir, { hidden: true }), await imported(source, cacheDir, { kv: 'f16' })]
  for (const other of others) {
    assert.equal(other.parts, [])
    assert.is(statSync(other.weights).ino, statSync(first.weights).ino)
  }
  assert.equal(others[0].checks, (await imported(source, tempFolder(), { hidden: true })).checks)
  const facts = { bytes: statSync(first.weights).size, sha256: '' }
  assert.match((await keptFault(first.weights, facts)) ?? '', /SHA-256/, 'another hash is not taken for known')
})

test('what is shared keeps the kinds that a family has of its own: embeddings of Gemma in blocks', async () => {
  const cacheDir = tempFolder()
  const source = fileURLToPath(new URL('../fixtures/families/gemma3', import.meta.url))
  const first = await imported(source, cacheDir)
  const second = await imported(source, cacheDir, { kv: 'f16' })
  assert.is(statSync(second.weights).ino, statSync(first.weights).ino)
  assert.equal(second.checks, (await imported(source, tempFolder(), { kv: 'f16' })).checks)
})

test('weights that differ are not shared: of another format, of another source, for a device', async () => {
  const cacheDir = tempFolder()
  const files = [
    await imported(randomLlama(), cacheDir),
    await imported(randomLlama(), cacheDir, { format: 'fp16' }),
    await imported(randomLlama(), cacheDir, { format: 'fp16', onDevice: true }),
    await imported(randomLlama({}, 2), cacheDir),
    await imported(randomLlama(), cacheDir, { format: 'q4' }),
    await imported(randomLlama(), cacheDir, { format: 'q4', hidden: true }),
  ]
  assert.is(new Set(files.map(({ weights }) => statSync(weights).ino)).size, files.length)
})

test('a damaged weight file is not shared, and a shared one that is damaged is made anew once for both', async () => {
  const cacheDir = tempFolder()
  const source = randomLlama()
  const first = await imported(source, cacheDir)
  truncateSync(first.weights, 100)
  const other = await imported(source, cacheDir, { hidden: true })
  assert.ok(other.parts.length > 0)
  const mended = await imported(source, cacheDir)
  assert.equal(mended.checks, first.checks)
  assert.equal(mended.parts, [])
  assert.is(statSync(mended.weights).ino, statSync(other.weights).ino)
})

test('two who ask for the same at once get one import', async () => {
  const cacheDir = tempFolder()
  const both = await Promise.all([imported(randomLlama(), cacheDir), imported(randomLlama(), cacheDir)])
  assert.equal(both.map(({ parts }) => parts.length > 0).sort(), [false, true])
})

test.run()
