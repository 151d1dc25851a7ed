import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { isAbandoned, isKept, removeLeftovers, unfinishedImports } from '../../src/import/leftovers.js'
import { tempFolder } from '../support/temp-folder.js'

test('parts of killed processes and notes of what is gone are removed; all else stays', async () => {
  const dir = tempFolder()
  const stays = ['whole', `other.part-${process.ppid}`]
  for (const name of [...stays, 'killed.part-99999999', `earlier.part-${process.pid}`]) mkdirSync(join(dir, name))
  for (const [note, name] of Object.entries({ kept: 'whole', lost: 'gone' }))
    writeFileSync(join(dir, `seen-${note}`), name)
  await removeLeftovers(dir)
  assert.equal(readdirSync(dir).sort(), [...stays, 'seen-kept'].sort())
})

test('what a killed import can be gone on with stays, and is told of', async () => {
  const dir = tempFolder()
  const [left, other] = [join(dir, 'a.part-99999999'), join(dir, `b.part-${process.ppid}`)]
  for (const path of [left, other]) {
    mkdirSync(path)
    writeFileSync(join(path, '.parts.json'), '')
  }
  await removeLeftovers(dir)
  assert.ok(existsSync(left))
  assert.equal(await unfinishedImports(dir), [left])
  assert.equal(
    ['a.part-99999999', `b.part-${process.ppid}`, 'whole'].map((name) => isAbandoned(name)),
    [true, false, false],
  )
  assert.equal([await isKept(left), await isKept(join(dir, 'none'))], [true, false])
})

test('a folder that is not there has none', async () => {
  const dir = join(tempFolder(), 'none')
  await removeLeftovers(dir)
  assert.not(existsSync(dir))
})

test.run()
