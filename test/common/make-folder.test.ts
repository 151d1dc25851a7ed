/** Folders are made with those above them, and what cannot be made is an error at once. */
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { makeFolder } from '../../src/common/make-folder.js'
import { tempFolder } from '../support/temp-folder.js'

const codeOf = (work: Promise<void>): Promise<unknown> =>
  work.then(
    () => null,
    (error: NodeJS.ErrnoException) => error.code,
  )

test('a folder is made with all that lie above it, and one that is there is left as it is', async () => {
  const path = join(tempFolder(), 'a', 'b', 'c')
  await makeFolder(path)
  writeFileSync(join(path, 'kept'), 'x')
  await makeFolder(path)
  assert.ok(existsSync(join(path, 'kept')))
})

test('many who make the same folder at once all have it', async () => {
  const path = join(tempFolder(), 'a', 'b')
  await Promise.all(Array.from({ length: 8 }, () => makeFolder(path)))
  assert.ok(statSync(path).isDirectory())
})

test('a file in the way is an error', async () => {
  const path = join(tempFolder(), 'file')
  writeFileSync(path, 'x')
  assert.is(await codeOf(makeFolder(path)), 'EEXIST')
  assert.is(await codeOf(makeFolder(join(path, 'below'))), 'ENOTDIR')
  mkdirSync(`${path}-folder`)
})

test('where the system makes nothing the error comes at once', async () => {
  if (!existsSync('/proc/self')) return
  assert.is(await codeOf(makeFolder('/proc/sequoia-onnx/imported')), 'ENOENT')
})

test.run()
