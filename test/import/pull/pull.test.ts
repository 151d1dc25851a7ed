/** Which source a model comes from, and what is told when none delivers. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { progressLines } from '../../../src/common/progress-lines.js'
import { modelNamed, pull, pullModel } from '../../../src/import/pull/pull.js'
import { Unreachable, type KnownModel, type PullSource } from '../../../src/import/pull/source.js'
import { ModelError, PullError, StorageError } from '../../../src/spec/errors.js'
import { tempFolder } from '../../support/temp-folder.js'

/** A source that has the model at once (`there`), delivers it, or fails with an error. */
function source(label: string, outcome: 'there' | 'delivers' | Error): PullSource {
  return {
    label,
    find: async () => (outcome === 'there' ? `${label} found` : null),
    fetch: () => (outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(`${label} fetched`)),
  }
}
const model = (...sources: PullSource[]): KnownModel => ({ name: 'tiny', summary: '', sources })
const failureOf = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error)
const failing = (...errors: Error[]): Promise<unknown> =>
  failureOf(pullModel(model(...errors.map((error, i) => source(`source ${i}`, error))), { cacheDir: tempFolder() }))

test('what any source has already is taken before anything is fetched', async () => {
  const path = await pullModel(model(source('first', 'delivers'), source('second', 'there')), {
    cacheDir: tempFolder(),
  })
  assert.is(path, 'second found')
})

test('sources are tried in their order until one delivers, each named as it is', async () => {
  const lines: string[] = []
  const sources = [source('first', new Error('down')), source('second', 'delivers'), source('third', 'delivers')]
  const path = await pullModel(model(...sources), {
    cacheDir: tempFolder(),
    onProgress: progressLines((line) => lines.push(line)),
  })
  assert.is(path, 'second fetched')
  assert.equal(lines, ['pulling tiny from first', 'pulling tiny from second'])
})

test('where none delivers every failure is named, and whether it was the network alone', async () => {
  const error = (await failing(new Unreachable('no route'), new Error('another file'))) as PullError
  assert.instance(error, PullError)
  assert.match(error.message, 'tiny could not be pulled; tried source 0: no route; and source 1: another file')
  assert.not(error.offline)
  assert.ok(((await failing(new Unreachable('no route'))) as PullError).offline)
})

test('a cache that cannot be written ends the pull: another source would not help', async () => {
  const full = Object.assign(new Error('write'), { code: 'ENOSPC' })
  const tried = model(source('first', full), source('second', 'delivers'))
  assert.instance(await failureOf(pullModel(tried, { cacheDir: tempFolder() })), StorageError)
  const file = join(tempFolder(), 'file')
  writeFileSync(file, '')
  assert.instance(await failureOf(pullModel(tried, { cacheDir: join(file, 'cache') })), StorageError)
})

test('an abort is no failure of a source', async () => {
  const signal = AbortSignal.abort(new Error('enough'))
  const error = await failureOf(
    pullModel(model(source('first', new Error('aborted')), source('second', 'delivers')), {
      cacheDir: tempFolder(),
      signal,
    }),
  )
  assert.is((error as Error).message, 'enough')
})

test('terms of use are shown with their address when a model is pulled', async () => {
  const lines: string[] = []
  const terms = { name: 'Tiny Terms', url: 'https://terms.example' }
  const onProgress = progressLines((line) => lines.push(line))
  await pullModel({ ...model(source('first', 'delivers')), terms }, { cacheDir: tempFolder(), onProgress })
  assert.match(lines.join('\n'), 'Tiny Terms: https://terms.example')
})

test('what interrupted pulls left is removed by the next one', async () => {
  const cacheDir = tempFolder()
  mkdirSync(join(cacheDir, 'sources', '.pull-Xq3b1T'), { recursive: true })
  await pullModel(model(source('first', 'delivers')), { cacheDir })
  assert.equal(readdirSync(join(cacheDir, 'sources')), [])
})

test('names are those of known models and references to the hub; others are refused with the known ones', async () => {
  assert.is(modelNamed('micro')?.name, 'micro')
  assert.is(modelNamed('hf.co/some/tiny:Q8_0')?.summary, 'some/tiny')
  assert.is(modelNamed('unheard-of'), null)
  const error = (await failureOf(pull('unheard-of', { cacheDir: tempFolder() }))) as ModelError
  assert.is(error.code, 'model_not_found')
  assert.match(error.message, /"unheard-of" is not a known model; known are .*micro.*hf\.co\/ORG\/REPO/)
})

test.run()
