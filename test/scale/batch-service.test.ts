/** Opening the folder of files and batches. */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { openBatches } from '../../src/scale/batch-service.js'
import { StorageError } from '../../src/spec/errors.js'
import { scriptedEngine } from '../support/scripted-engine.js'
import { tempFolder } from '../support/temp-folder.js'

const models = [{ engine: scriptedEngine() }]

test('a folder that is not there is made', async () => {
  const dataDir = join(tempFolder(), 'a', 'b')
  const batches = await openBatches({ models, dataDir })
  await batches.close()
  assert.ok(existsSync(join(dataDir, 'files')))
})

test('a folder that cannot be made is refused at the start, with its path and what to do', async () => {
  const file = join(tempFolder(), 'file')
  writeFileSync(file, 'x')
  const error: unknown = await openBatches({ models, dataDir: join(file, 'below') }).catch((thrown: unknown) => thrown)
  assert.instance(error, StorageError)
  assert.match((error as StorageError).message, /below.files cannot be written \(ENOTDIR\); choose another folder/)
})

test.run()
