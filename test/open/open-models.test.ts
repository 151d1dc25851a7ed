/** Which models an engine's options may name together. */
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { openModels } from '../../src/open/open-models.js'
import { InvalidArgumentError } from '../../src/spec/errors.js'
import { optionsWith } from './support.js'

const draft = fileURLToPath(new URL('../../models/smollm2-135m-draft/draft.gguf', import.meta.url))

test('a draft that reads rotated features is refused in other formats before the target is looked for', async () => {
  const error: unknown = await openModels(optionsWith({ target: 'nowhere.gguf', draft, format: 'fp32' })).catch(
    (reason: unknown) => reason,
  )
  assert.instance(error, InvalidArgumentError)
  assert.is((error as InvalidArgumentError).param, 'draft')
  assert.match(
    (error as Error).message,
    /draft ".*draft.gguf" reads features of the target in format fp16 or w8a8 or q4; this engine opens it in fp32/,
  )
})

test('a draft that is not there is named', async () => {
  const error: unknown = await openModels(optionsWith({ target: 'nowhere.gguf', draft: 'no-draft.gguf' })).catch(
    (reason: unknown) => reason,
  )
  assert.match((error as Error).message, /no-draft\.gguf/)
})

test.run()
