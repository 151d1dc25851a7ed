/** The small JSON files of a checkpoint folder. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readJson, readJsonIfThere } from '../../../src/checkpoint/safetensors/json-file.js'
import { ModelError } from '../../../src/spec/errors.js'
import { tempFolder } from '../../support/temp-folder.js'

const root = tempFolder()
const holding = (text: string): string => {
  const path = join(root, 'config.json')
  writeFileSync(path, text)
  return path
}
async function refusal(promise: Promise<unknown>): Promise<ModelError> {
  const error: unknown = await promise.catch((reason: unknown) => reason)
  assert.instance(error, ModelError)
  return error as ModelError
}

test('an object is read, and a file that is not there is nothing or refused, as its reader asks', async () => {
  assert.equal(await readJson(holding('{"a":1}')), { a: 1 })
  const path = join(root, 'none.json')
  assert.is(await readJsonIfThere(path), undefined)
  assert.is(await readJsonIfThere(join(holding('{}'), 'below-a-file.json')), undefined)
  const error = await refusal(readJson(path))
  assert.is(error.code, 'model_not_found')
  assert.match(error.message, /none\.json is missing; a checkpoint folder needs config\.json/)
})

test('what is no JSON, no object or no file is refused by its path', async () => {
  assert.match((await refusal(readJson(holding('{')))).message, /config\.json is not JSON \(/)
  for (const text of ['[1]', '3', 'null'])
    assert.match((await refusal(readJson(holding(text)))).message, /holds no JSON object/)
  const folder = join(root, 'folder.json')
  mkdirSync(folder)
  assert.match((await refusal(readJsonIfThere(folder))).message, /cannot be read \(EISDIR\)/)
})

test.run()
