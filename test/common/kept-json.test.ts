import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { keptName, keptPath, readKept, writeKept } from '../../src/common/kept-json.js'
import { tempFolder } from '../support/temp-folder.js'

const folder = tempFolder()

test('what is kept is read again, from a name that stands for all it depends on', async () => {
  const path = keptPath(folder, 'checks', keptName(['rows', 4]))
  assert.match(path, /checks.[0-9a-f]{24}\.json$/)
  assert.is.not(keptName(['rows', 4]), keptName(['rows', 5]))
  await writeKept(path, { found: true })
  assert.equal(await readKept(path), { found: true })
  assert.is(readFileSync(path, 'utf8'), '{"found":true}')
})

test('what is absent or damaged is nothing, and a place that cannot be written is no failure', async () => {
  const path = keptPath(folder, 'profiles', 'damaged')
  assert.is(await readKept(path), undefined)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, '{"found":')
  assert.is(await readKept(path), undefined)
  const file = join(folder, 'file')
  writeFileSync(file, '')
  await writeKept(keptPath(file, 'formats', 'x'), {})
})

test.run()
