/** What a path points to. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { openRaw } from '../../src/checkpoint/open-raw.js'
import { ModelError } from '../../src/spec/errors.js'
import { writeFolder } from '../support/checkpoint-folder.js'
import { buildGguf } from '../support/gguf-file.js'
import { tempFolder } from '../support/temp-folder.js'
import { tinyLlama } from '../support/tiny-llama.js'

test('a folder is a checkpoint of its own kind, a file is GGUF', async () => {
  const root = tempFolder()
  const file = join(root, 'tiny.gguf')
  writeFileSync(file, buildGguf(tinyLlama()))
  for (const [path, kind] of [
    [writeFolder(join(root, 'folder')), 'hf'],
    [file, 'gguf'],
  ] as const) {
    const raw = await openRaw(path)
    await raw.close()
    assert.is(raw.kind, kind)
  }
})

test('a path that nothing is at is refused with what may stand there', async () => {
  const error: unknown = await openRaw(join(tempFolder(), 'none')).catch((reason: unknown) => reason)
  assert.instance(error, ModelError)
  assert.is((error as ModelError).code, 'model_not_found')
  assert.match(
    (error as ModelError).message,
    /no model at .*none; give a \.gguf file, a checkpoint folder or a known name/,
  )
})

test.run()
