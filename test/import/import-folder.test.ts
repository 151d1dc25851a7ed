/** The folder of an import appears whole or not at all. */
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { importFolder } from '../../src/import/import-folder.js'
import { loadManifest, verifyFiles } from '../../src/import/manifest-file.js'
import { StorageError } from '../../src/spec/errors.js'
import { tempFolder } from '../support/temp-folder.js'
import { writeImportFiles } from '../support/written-import.js'

const newDir = (): string => join(tempFolder(), 'imported', 'tiny')
/** Folders of unfinished imports beside one. */
const parts = (outDir: string): string[] => readdirSync(dirname(outDir)).filter((name) => name !== basename(outDir))

test('files and manifest are written where nobody reads, and the folder then put in its place', async () => {
  const outDir = newDir()
  let at = ''
  const manifest = await importFolder(outDir, (dir) => {
    at = dir
    assert.not(existsSync(outDir))
    return writeImportFiles(dir)
  })
  assert.is.not(at, outDir)
  assert.equal(await loadManifest(outDir), manifest)
  assert.equal(parts(outDir), [])
})

test('an import that fails leaves nothing behind and keeps what was there', async () => {
  const outDir = newDir()
  const before = await importFolder(outDir, (dir) => writeImportFiles(dir))
  const failing = importFolder(outDir, async (dir) => {
    await writeImportFiles(dir, 3)
    throw new Error('unplugged')
  })
  assert.is(((await failing.catch((reason: unknown) => reason)) as Error).message, 'unplugged')
  assert.equal(await loadManifest(outDir), before)
  assert.equal(parts(outDir), [])
})

test('a full disk is said to be one', async () => {
  const full = Object.assign(new Error('write'), { code: 'ENOSPC' })
  const error: unknown = await importFolder(newDir(), () => Promise.reject(full)).catch((reason: unknown) => reason)
  assert.instance(error, StorageError)
  assert.match((error as StorageError).message, /disk is full.*free some space/)
})

test('what a killed import left is removed by the next one; what a running import writes is not', async () => {
  const outDir = newDir()
  const [dead, alive] = [`${outDir}.part-99999999`, `${outDir}.part-${process.ppid}`]
  for (const dir of [dead, alive]) mkdirSync(dir, { recursive: true })
  await importFolder(outDir, (dir) => writeImportFiles(dir))
  assert.equal(parts(outDir), [basename(alive)])
})

test('what a killed import can be gone on with is in the folder that the next one gets, once', async () => {
  const outDir = newDir()
  const left = ['99999998', '99999999', process.pid].map((pid) => `${outDir}.part-${pid}`)
  for (const [i, dir] of left.entries()) {
    mkdirSync(dir, { recursive: true })
    if (i > 0) writeFileSync(join(dir, '.parts.json'), '')
  }
  await importFolder(outDir, (dir) => {
    assert.ok(existsSync(join(dir, '.parts.json')))
    return writeImportFiles(dir)
  })
  assert.equal(parts(outDir), [])
})

test('an import that is there already is left alone when it is whole and mended when it is not', async () => {
  const outDir = newDir()
  const write = (): Promise<unknown> => importFolder(outDir, (dir) => writeImportFiles(dir))
  await write()
  const weights = join(outDir, 'weights.bin')
  const before = statSync(weights).ino
  await write()
  assert.is(statSync(weights).ino, before, 'the same import is not written over')
  writeFileSync(weights, new Uint8Array(8))
  await write()
  await verifyFiles(outDir)
})

test('another import takes the place of what was there', async () => {
  const outDir = newDir()
  await importFolder(outDir, (dir) => writeImportFiles(dir))
  const other = await importFolder(outDir, (dir) => writeImportFiles(dir, 3))
  assert.equal(await verifyFiles(outDir), other)
})

test.run()
