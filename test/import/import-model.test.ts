// @process native
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { progressLines } from '../../src/common/progress-lines.js'
import { ModelError, StorageError, type SequoiaError } from '../../src/spec/errors.js'
import { importModel, loadManifest, verifyFiles } from '../../src/import/index.js'
import type { Checkpoint } from '../../src/checkpoint/checkpoint.js'
import { randomLlama } from '../support/random-llama.js'
import { tempFolder } from '../support/temp-folder.js'

const root = tempFolder()
let folders = 0
const newDir = (): string => join(root, `model-${folders++}`)

/** The error of this class that a promise ends in. */
async function refusal(
  promise: Promise<unknown>,
  kind: typeof ModelError | typeof StorageError = ModelError,
): Promise<SequoiaError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  assert.instance(error, kind)
  return error as SequoiaError
}

for (const format of ['fp32', 'w8a8']) {
  test(`importing twice gives the same bytes (${format})`, async () => {
    const dirs = [newDir(), newDir()]
    for (const outDir of dirs) await importModel(randomLlama(), { format, outDir })
    const names = readdirSync(dirs[0]).sort()
    const streamed = format === 'w8a8' ? ['head.onnx', 'layer-single.onnx', 'layer.onnx', 'layers.json'] : []
    assert.equal(names, [
      '.parts.json',
      'graph-single.onnx',
      'graph.onnx',
      ...streamed,
      'sequoia.json',
      'tokenizer.json',
      'weights.bin',
    ])
    for (const name of names)
      assert.ok(readFileSync(join(dirs[0], name)).equals(readFileSync(join(dirs[1], name))), name)
  })
}

test('the manifest that is loaded is the one that import returned', async () => {
  const outDir = newDir()
  const manifest = await importModel(randomLlama(), { format: 'w8a8', outDir })
  assert.equal(await loadManifest(outDir), manifest)
  await verifyFiles(outDir)
})

test('a disk with too little room is refused with the bytes that suffice, before anything is written', async () => {
  for (const format of ['fp32', 'w8a8']) {
    const outDir = newDir()
    const error = await refusal(
      importModel(randomLlama(), { format, outDir, freeBytes: async () => 1000 }),
      StorageError,
    )
    const [, needed] = /the import takes (\d+) bytes and the disk of .* has 1000 free/.exec(error.message)!
    assert.equal(
      readdirSync(root).filter((name) => join(root, name).startsWith(outDir)),
      [],
    )
    await importModel(randomLlama(), { format, outDir, freeBytes: async () => Number(needed) })
    const written = readdirSync(outDir).reduce((sum, name) => sum + statSync(join(outDir, name)).size, 0)
    assert.ok(written <= Number(needed), `${format}: ${written} of ${needed}`)
  }
})

test('progress names the stages and counts layers', async () => {
  const lines: string[] = []
  await importModel(randomLlama(), {
    format: 'w8a8',
    outDir: newDir(),
    onProgress: progressLines((line) => lines.push(line)),
  })
  assert.ok(
    lines.some((line) => line.includes('layer 2 of 2')),
    lines.join('\n'),
  )
})

test('each tensor is read one at a time, and none is kept: two are never asked for at once', async () => {
  let [open, most] = [0, 0]
  const checkpoint = randomLlama()
  const counted: Checkpoint = {
    ...checkpoint,
    read: async (name) => {
      most = Math.max(most, ++open)
      const data = await checkpoint.read(name)
      open--
      return data
    },
  }
  await importModel(counted, { format: 'w8a8', outDir: newDir() })
  assert.is(most, 1)
})

test('an import that fails leaves nothing behind and keeps what was there', async () => {
  const outDir = newDir()
  const before = await importModel(randomLlama(), { format: 'fp32', outDir })
  const checkpoint = randomLlama({}, 2)
  const failing: Checkpoint = {
    ...checkpoint,
    read: (name) => (name.includes('layers.1.mlp') ? Promise.reject(new Error('unplugged')) : checkpoint.read(name)),
  }
  const error = await importModel(failing, { format: 'w8a8', outDir }).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  assert.is((error as Error).message, 'unplugged')
  assert.equal(await loadManifest(outDir), before)
  assert.not.ok(readdirSync(root).some((name) => name.includes('.part')))
})

test('a full disk is said to be one, and nothing is left of the import', async () => {
  const outDir = newDir()
  const checkpoint = randomLlama()
  const full = Object.assign(new Error('write'), { code: 'ENOSPC' })
  const error = await refusal(
    importModel({ ...checkpoint, read: () => Promise.reject(full) }, { format: 'fp32', outDir }),
    StorageError,
  )
  assert.match(error.message, /disk is full.*free some space/)
  assert.not.ok(existsSync(outDir))
})

test('a checkpoint with a tensor missing or misshapen is refused by name before anything is written', async () => {
  const outDir = newDir()
  const checkpoint = randomLlama()
  const missing = { ...checkpoint, has: (name: string) => !name.includes('layers.1.mlp.up_proj') }
  assert.match(
    (await refusal(importModel(missing, { format: 'fp32', outDir }))).message,
    /layers\.1\.mlp\.up_proj\.weight is missing/,
  )
  const misshapen = {
    ...checkpoint,
    shape: (name: string) => (name === 'model.norm.weight' ? [47] : checkpoint.shape(name)),
  }
  assert.match(
    (await refusal(importModel(misshapen, { format: 'fp32', outDir }))).message,
    /model\.norm\.weight is \[47\]; the configuration asks for \[48\]/,
  )
  const uneven = randomLlama({ kvHeads: 4 })
  assert.match(
    (await refusal(importModel(uneven, { format: 'fp32', outDir }))).message,
    /6 query heads cannot share 4 K\/V heads/,
  )
  assert.not.ok(existsSync(outDir))
})

test.run()
