import { readdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { chosenFormat, machineFacts } from '../../src/open/chosen-format.js'
import { keepMeasured } from '../../src/open/measured-formats.js'
import { buildGguf } from '../support/gguf-file.js'
import { tempFolder } from '../support/temp-folder.js'
import { tinyLlama } from '../support/tiny-llama.js'
import { optionsWith } from './support.js'

const cacheDir = tempFolder()

function model(bytes?: number): string {
  const path = join(tempFolder(), 'model.gguf')
  writeFileSync(path, buildGguf(tinyLlama()))
  if (bytes !== undefined) truncateSync(path, bytes)
  return path
}

test('a format that was asked for is taken, and its model not even looked for', async () => {
  const choice = await chosenFormat(optionsWith({ target: 'nowhere.gguf', format: 'q4', cacheDir }))
  assert.equal(choice, { format: 'q4', why: 'q4: it was asked for' })
})

test('a small file is not looked into', async () => {
  const { why } = await chosenFormat(optionsWith({ target: model(), cacheDir }))
  assert.match(why, /^w8a8: a small model/)
  assert.equal(readdirSync(cacheDir), [])
})

test('a large file is, once', async () => {
  const { why } = await chosenFormat(optionsWith({ target: model(3e8), cacheDir }))
  assert.match(why, /^w8a8: not q4, for 0 % of the weights/)
  assert.is(readdirSync(join(cacheDir, 'facts')).length, 1)
})

test('what was measured of a model decides; what was measured with another draft does not', async () => {
  const target = model()
  const options = optionsWith({ target, draft: 'none', cacheDir })
  await keepMeasured({ ...options, source: target }, { w8a8: 40, q4: 60 })
  assert.is((await chosenFormat(options)).format, 'q4')
  assert.is((await chosenFormat({ ...options, draft: 'ngram' })).format, 'w8a8')
  assert.is((await chosenFormat({ ...options, memory: 1e9 })).format, 'w8a8', 'nor where it has to be streamed')
})

test('a machine has memory and a kind of processor', () => {
  const { arch, memoryBytes } = machineFacts()
  assert.is(arch, process.arch)
  assert.ok(memoryBytes > 1e8)
})

test.run()
