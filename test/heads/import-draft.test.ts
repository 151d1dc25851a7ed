/** Import of a feature drafter for one target. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { importDraft } from '../../src/heads/import-draft.js'
import { verifyFiles } from '../../src/import/manifest-file.js'
import { ModelError } from '../../src/spec/errors.js'
import { oneLayer, randomDraft } from '../support/random-draft.js'
import { randomLlama } from '../support/random-llama.js'
import { tempFolder } from '../support/temp-folder.js'

const target = randomLlama()
const plain = oneLayer(target)
const reduced = Array.from({ length: 90 }, (_, i) => 2 * i + 1)
const root = tempFolder()

test('the manifest says what the draft reads and leaves, and that its K and V are floats', async () => {
  const outDir = join(root, 'draft')
  const options = { integers: 'uint8' as const, outDir, onProgress: () => undefined }
  const manifest = await importDraft(await randomDraft(target, plain, reduced, 'feature'), target, options)
  const { format, integers, vType, hidden, features, files, stopTokens } = manifest
  assert.equal([format, integers, vType, hidden], ['w8a8', 'uint8', 'float32', 'rotated'])
  assert.equal(features, { read: 48, written: 48 })
  assert.equal(stopTokens, target.stopTokens)
  assert.ok(files.embedded !== undefined && files.streamed === undefined)
  assert.equal(await verifyFiles(outDir), manifest)
})

test('a drafter of another target is refused by name', async () => {
  const draft = await randomDraft(target, plain, reduced, 'feature')
  const stranger = { ...randomLlama({}, 2), name: 'stranger' }
  const error: unknown = await importDraft(draft, stranger, {
    integers: 'int8',
    outDir: join(root, 'refused'),
    onProgress: () => undefined,
  }).catch((reason: unknown) => reason)
  assert.instance(error, ModelError)
  assert.not(existsSync(join(root, 'refused')))
  assert.match(
    (error as ModelError).message,
    /"random-draft" was trained for random-llama .* "stranger" is another model/,
  )
})

test.run()
