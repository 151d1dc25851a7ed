import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { keptCheck } from '../../src/runtime/kept-check.js'
import { tempFolder } from '../support/temp-folder.js'

const isNumber = (read: unknown): read is number => typeof read === 'number'

/** Counts how often it is asked. */
function checks(): { count: number; run: () => Promise<number> } {
  const counted = { count: 0, run: () => Promise.resolve(++counted.count) }
  return counted
}

test('a check runs once for all that ask the same in one folder', async () => {
  const [cacheDir, { run }] = [tempFolder(), checks()]
  assert.is(await keptCheck(cacheDir, ['rows', 576], isNumber, run), 1)
  assert.is(await keptCheck(cacheDir, ['rows', 576], isNumber, run), 1)
  assert.is(await keptCheck(cacheDir, ['rows', 577], isNumber, run), 2)
  assert.is(await keptCheck(tempFolder(), ['rows', 576], isNumber, run), 3)
})

test('without a folder, or one that cannot be written, it runs each time', async () => {
  const { run } = checks()
  const file = join(tempFolder(), 'file')
  writeFileSync(file, '')
  for (const [i, cacheDir] of [undefined, undefined, file, file].entries())
    assert.is(await keptCheck(cacheDir, 'rows', isNumber, run), i + 1)
})

test('what is no result of the check is not believed', async () => {
  const [cacheDir, { run }] = [tempFolder(), checks()]
  await keptCheck(cacheDir, 'rows', isNumber, run)
  const [name] = readdirSync(join(cacheDir, 'checks'))
  for (const [i, text] of ['"one"', '{'].entries()) {
    writeFileSync(join(cacheDir, 'checks', name), text)
    assert.is(await keptCheck(cacheDir, 'rows', isNumber, run), i + 2)
  }
})

test.run()
