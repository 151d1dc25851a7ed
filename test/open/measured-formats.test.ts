import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { keepMeasured, readMeasured } from '../../src/open/measured-formats.js'
import { tempFolder } from '../support/temp-folder.js'

const cacheDir = tempFolder()
const source = join(tempFolder(), 'model.gguf')
writeFileSync(source, 'GGUF')
const key = { cacheDir, source, draft: 'auto', threads: 2 }

test('rates are read as they were kept, for the same source, draft and threads alone', async () => {
  assert.is(await readMeasured(key), null)
  await keepMeasured(key, { w8a8: 40, q4: 50 })
  assert.equal(await readMeasured(key), { w8a8: 40, q4: 50 })
  assert.is(await readMeasured({ ...key, draft: 'none' }), null)
  assert.is(await readMeasured({ ...key, threads: 1 }), null)
})

test('a source that was written anew was not measured, nor was one that is not there', async () => {
  await keepMeasured(key, { w8a8: 40 })
  writeFileSync(source, 'GGUF again')
  assert.is(await readMeasured(key), null)
  assert.is(await readMeasured({ ...key, source: `${source}.gone` }), null)
})

test('what is no rate is not believed', async () => {
  await keepMeasured(key, { w8a8: 0 })
  assert.is(await readMeasured(key), null)
})

test.run()
