import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { measuredPath } from '../../src/open/measured-path.js'
import { tempFolder } from '../support/temp-folder.js'

test('a measurement lies in its folder of the cache, under a name for all that it depends on', async () => {
  const cacheDir = tempFolder()
  const source = join(tempFolder(), 'model.gguf')
  writeFileSync(source, 'GGUF')
  const on = { cacheDir, source, threads: 2 }
  const path = await measuredPath('drafts', on, ['w8a8'])
  assert.is(dirname(path), join(cacheDir, 'drafts'))
  assert.is(await measuredPath('drafts', on, ['w8a8']), path)
  assert.is.not(await measuredPath('drafts', on, ['q4']), path)
  assert.is.not(await measuredPath('drafts', { ...on, threads: 1 }, ['w8a8']), path)
})

test.run()
