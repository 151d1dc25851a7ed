import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { sourceFacts } from '../../src/import/source-facts.js'
import { buildGguf } from '../support/gguf-file.js'
import { tempFolder } from '../support/temp-folder.js'

const [F32, Q4_0, Q8_0] = [0, 2, 8]
const path = join(tempFolder(), 'model.gguf')
writeFileSync(
  path,
  buildGguf({
    metadata: {},
    tensors: [
      { name: 'norm', dims: [64], type: F32, data: new Uint8Array(256) },
      { name: 'a', dims: [64, 3], type: Q4_0, data: new Uint8Array(6 * 18) },
      { name: 'b', dims: [32, 2], type: Q8_0, data: new Uint8Array(2 * 34) },
    ],
  }),
)

test('weights are those of matrices, and 4-bit kinds are told from others', async () => {
  assert.equal(await sourceFacts(path, tempFolder()), { weights: 256, fourBitShare: 0.75 })
})

test('the header is read once; a note that cannot be read is no hindrance', async () => {
  const cacheDir = tempFolder()
  const facts = await sourceFacts(path, cacheDir)
  const [note] = readdirSync(join(cacheDir, 'facts'))
  const file = join(cacheDir, 'facts', note)
  writeFileSync(file, JSON.stringify({ ...facts, weights: 7 }))
  assert.is((await sourceFacts(path, cacheDir)).weights, 7)
  writeFileSync(file, '{')
  assert.equal(await sourceFacts(path, cacheDir), facts)
  rmSync(file)
  assert.equal(await sourceFacts(path, cacheDir), facts)
})

test.run()
