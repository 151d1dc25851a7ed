// @process own
import { writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ensureImported, importModel } from '../../src/import/index.js'
import { requireSpace, storageFault, usualCacheFolder } from '../../src/import/storage.js'
import { StorageError } from '../../src/spec/errors.js'
import { randomLlama } from '../support/random-llama.js'
import { tempFolder } from '../support/temp-folder.js'

const thrown = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => null,
    (reason: unknown) => reason,
  )

function fault(error: unknown, ...parts: (string | RegExp)[]): void {
  assert.instance(error, StorageError)
  for (const part of parts) assert.match((error as StorageError).message, part)
}

test('room that is there is said nothing of; too little is refused with the bytes needed and those free', async () => {
  await requireSpace('the import', 'somewhere', 10, async () => 10)
  const error = await thrown(requireSpace('the import', 'somewhere', 11, async () => 10))
  fault(error, 'the import takes 11 bytes and the disk of somewhere has 10 free', 'cacheDir')
})

test('a disk that fills up while a file is written is told with both numbers', async () => {
  const full = Object.assign(new Error('no space'), { code: 'ENOSPC' })
  fault(await storageFault(full, '/a/b', 500, async () => 20), '/a/b', '20 bytes of the 500 bytes needed are free')
})

test('an error that is about another path, or none of the file system, stays what it is', async () => {
  for (const error of [
    new TypeError('a mistake'),
    Object.assign(new Error('shard'), { code: 'EACCES', path: '/models/model.safetensors' }),
  ])
    assert.is(await storageFault(error, '/cache/imported/model'), error)
})

test('a cache below a file is refused in one sentence, by import and by what imports on demand', async () => {
  const file = join(tempFolder(), 'file')
  writeFileSync(file, '')
  const outDir = join(file, 'cache', 'imported', 'model')
  fault(
    await thrown(
      mkdir(outDir, { recursive: true }).catch(async (error) => {
        throw await storageFault(error, outDir)
      }),
    ),
    outDir,
    'cannot be written',
  )
  fault(await thrown(importModel(randomLlama(), { format: 'fp32', outDir })), outDir, 'cannot be written')
  fault(await thrown(ensureImported(randomLlama(), { format: 'fp32', cacheDir: join(file, 'cache') })), 'cannot be')
})

test('a user without a home is told to name a cache folder', () => {
  const { HOME, XDG_CACHE_HOME } = process.env
  try {
    Object.assign(process.env, { HOME: 'nowhere' })
    delete process.env.XDG_CACHE_HOME
    if (process.platform === 'win32') return
    assert.throws(usualCacheFolder, (error: unknown) => {
      fault(error, 'no home folder', 'XDG_CACHE_HOME')
      return true
    })
  } finally {
    for (const [name, value] of Object.entries({ HOME, XDG_CACHE_HOME }))
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
  }
})

test.run()
