/** Which models an engine's options may name together. */
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { EngineOptions } from '../../src/api/types.js'
import { draftChoice } from '../../src/open/draft-choice.js'
import { openModels } from '../../src/open/open-models.js'
import { InvalidArgumentError } from '../../src/spec/errors.js'
import { optionsWith } from './support.js'

const draft = fileURLToPath(new URL('../../models/smollm2-135m-draft/draft.gguf', import.meta.url))

/** What opening fails with. */
function open(given: Partial<EngineOptions>): Promise<unknown> {
  const options = optionsWith({ target: 'nowhere.gguf', ...given })
  return openModels(options, draftChoice(options)).catch((reason: unknown) => reason)
}

test('a draft that reads rotated features is refused in other formats before the target is looked for', async () => {
  const error: unknown = await open({ draft, format: 'fp32' })
  assert.instance(error, InvalidArgumentError)
  assert.is((error as InvalidArgumentError).param, 'draft')
  assert.match(
    (error as Error).message,
    /draft ".*draft.gguf" reads features of the target in format fp16 or w8a8 or q4; this engine opens it in fp32/,
  )
})

test('a draft that is not there is named', async () => {
  const error: unknown = await open({ draft: 'no-draft.gguf' })
  assert.match((error as Error).message, /no-draft\.gguf/)
})

test.run()
