// @process own
import { existsSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { cachedModel, cli } from './cached-model.js'

test('rm removes what a name stands for and says so; what nothing stands for is a wrong call', async () => {
  const { dir } = await cachedModel()
  const wrong = await cli('rm', 'other')
  assert.is(wrong.code, 2)
  assert.match(wrong.err, /nothing in the cache is called "other"; it has tiny/)
  const { code, out } = await cli('rm', 'tiny', '--json')
  assert.is(code, 0)
  const { removed } = JSON.parse(out) as { removed: { path: string; bytes: number }[] }
  assert.is(removed[0].path, dir)
  assert.not(existsSync(dir))
  assert.match((await cli('models')).out, /^0\.0 MB in /)
})

test('an empty cache is told to have no models', async () => {
  await cachedModel()
  await cli('rm', 'tiny')
  assert.match((await cli('rm', 'tiny')).err, /nothing in the cache is called "tiny"; it has no models/)
})

test.run()
