import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { sourceBytes, sourceStamp } from '../../src/import/source-stamp.js'
import { ModelError } from '../../src/spec/errors.js'
import { tempFolder } from '../support/temp-folder.js'

const folder = join(tempFolder(), 'model')
mkdirSync(folder)
const files = ['a', 'b'].map((name) => join(folder, name))
for (const file of files) writeFileSync(file, 'text')

test('the same for the same files and question, another for another question or a file written anew', async () => {
  const before = await sourceStamp(folder, 'x')
  assert.is(await sourceStamp(folder, 'x'), before)
  assert.is.not(await sourceStamp(folder, 'y'), before)
  assert.is.not(await sourceStamp(files[0], 'x'), before)
  utimesSync(files[1], 1000, 1000)
  assert.is.not(await sourceStamp(folder, 'x'), before)
})

test("a folder's bytes are those of its files", async () => {
  assert.equal([await sourceBytes(folder), await sourceBytes(files[0])], [8, 4])
})

test('what is not there is named', async () => {
  const error: unknown = await sourceStamp('/nowhere/model.gguf', '').catch((reason: unknown) => reason)
  assert.ok(error instanceof ModelError && /\/nowhere\/model\.gguf/.test(error.message))
})

test.run()
