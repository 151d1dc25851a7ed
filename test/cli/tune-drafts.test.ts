import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { compareDrafts, draftsFlag, isComparison } from '../../src/cli/tune-drafts.js'
import { InvalidArgumentError, ModelError } from '../../src/spec/errors.js'
import { tempFolder } from '../support/temp-folder.js'

const read = (given: string): readonly string[] => draftsFlag.read(given, '--draft')

test('one draft is used, several and all are compared', () => {
  assert.equal(read('none'), ['none'])
  assert.equal(read('auto,./head'), ['auto', './head'])
  assert.equal(
    [undefined, ['auto'], ['./head'], ['all'], ['none', './head']].map((drafts) => isComparison(drafts)),
    [false, false, false, true, true],
  )
})

test('a file whose name has a comma is one draft', () => {
  const path = join(tempFolder(), 'a,b.gguf')
  writeFileSync(path, 'GGUF')
  assert.equal(read(path), [path])
})

test('names given twice and empty ones are refused', () => {
  for (const wrong of ['', 'none,', 'ngram,ngram'])
    assert.throws(() => read(wrong), /--draft must be auto, all, or drafts with commas between, each once/, wrong)
})

test('drafts are not compared under a budget of memory', async () => {
  const error: unknown = await compare({ memory: 1e9 }, ['all'])
  assert.instance(error, InvalidArgumentError)
  assert.match((error as Error).message, /leave memory out/)
})

test('a draft that is not there is refused before anything is measured', async () => {
  const error: unknown = await compare({}, ['ngram', './nowhere.gguf'])
  assert.instance(error, ModelError)
  assert.match((error as Error).message, /there is no model "\.\/nowhere\.gguf"/)
})

/** What it fails with. */
function compare(given: object, names: readonly string[]): Promise<unknown> {
  const options = { target: 'micro', cacheDir: tempFolder(), ...given }
  return compareDrafts(options, names, () => undefined).catch((reason: unknown) => reason)
}

test.run()
