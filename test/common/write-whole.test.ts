import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { writeWhole } from '../../src/common/write-whole.js'
import { tempFolder } from '../support/temp-folder.js'

test('a file is written, in a folder that is made for it, and replaces what was there', async () => {
  const folder = join(tempFolder(), 'a', 'b')
  const path = join(folder, 'file.json')
  for (const text of ['first', 'é']) {
    await writeWhole(path, text)
    assert.is(readFileSync(path, 'utf8'), text)
  }
  assert.equal(readdirSync(folder), ['file.json'])
})

test('of writers at the same time one wins whole, and nothing is left beside it', async () => {
  const folder = tempFolder()
  const texts = Array.from({ length: 8 }, (_, i) => String(i).repeat(20_000))
  await Promise.all(texts.map((text) => writeWhole(join(folder, 'f'), text)))
  assert.ok(texts.includes(readFileSync(join(folder, 'f'), 'utf8')))
  assert.equal(readdirSync(folder), ['f'])
})

test('where it cannot be moved to its place the error is thrown and no part is left', async () => {
  const folder = tempFolder()
  const path = join(folder, 'taken')
  mkdirSync(path)
  writeFileSync(join(path, 'inside'), '')
  const error = await writeWhole(path, 'x').catch((thrown: Error) => thrown)
  assert.instance(error, Error)
  assert.equal(readdirSync(folder), ['taken'])
})

test.run()
