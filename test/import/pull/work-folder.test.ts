/** Folders that pulls work in, and what killed ones leave. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { inWorkFolder, removeAbandoned, WORK } from '../../../src/import/pull/work-folder.js'
import { tempFolder } from '../../support/temp-folder.js'

test('work has an empty folder of its own, which is gone afterwards whatever became of the work', async () => {
  const dir = tempFolder()
  const found = await inWorkFolder(dir, async (folder) => {
    assert.equal(readdirSync(folder), [])
    writeFileSync(join(folder, 'half.whl'), 'x')
    return inWorkFolder(dir, async (other) => other !== folder)
  })
  assert.ok(found)
  const failing = inWorkFolder(dir, () => Promise.reject(new Error('unplugged')))
  assert.is(((await failing.catch((error: unknown) => error)) as Error).message, 'unplugged')
  assert.equal(readdirSync(dir), [])
})

test('what pulls left whose process is gone is removed; what runs, and other files, stay', async () => {
  const dir = tempFolder()
  const gone = [`${WORK}99999999-abc`, `${WORK}Xq3b1T`]
  const kept = [`${WORK}${process.pid}-abc`, `${WORK}${process.ppid}-abc`, 'model.gguf']
  for (const name of [...gone, ...kept]) mkdirSync(join(dir, name))
  await removeAbandoned(dir)
  assert.equal(readdirSync(dir).sort(), kept.sort())
})

test('a folder that is not there has nothing to remove', async () => {
  const dir = join(tempFolder(), 'none')
  await removeAbandoned(dir)
  assert.not(existsSync(dir))
})

test.run()
