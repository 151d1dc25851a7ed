import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { removeLeftovers } from '../../src/import/leftovers.js'
import { tempFolder } from '../support/temp-folder.js'

test('parts of killed processes and notes of what is gone are removed; all else stays', async () => {
  const dir = tempFolder()
  const stays = ['whole', `own.part-${process.pid}`, `other.part-${process.ppid}`]
  for (const name of [...stays, 'killed.part-99999999']) mkdirSync(join(dir, name))
  for (const [note, name] of Object.entries({ kept: 'whole', lost: 'gone' }))
    writeFileSync(join(dir, `seen-${note}`), name)
  await removeLeftovers(dir)
  assert.equal(readdirSync(dir).sort(), [...stays, 'seen-kept'].sort())
})

test('a folder that is not there has none', async () => {
  const dir = join(tempFolder(), 'none')
  await removeLeftovers(dir)
  assert.not(existsSync(dir))
})

test.run()
