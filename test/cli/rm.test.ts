// @process native
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
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

test('rm --outdated removes what this release cannot open, and nothing else', async () => {
  const { dir, cacheDir } = await cachedModel()
  assert.match((await cli('rm', '--outdated')).out, /^nothing is outdated\n$/)
  const old = join(cacheDir, 'imported', 'tiny-of-old-v1')
  cpSync(dir, old, { recursive: true })
  const manifest = readFileSync(join(old, 'sequoia.json'), 'utf8')
  writeFileSync(join(old, 'sequoia.json'), manifest.replace(/"version": \d+/, '"version": 1'))
  assert.match(
    (await cli('models')).out,
    /, outdated, of .*\n(.*\n)?.*; \d.*B outdated or unfinished: sequoia rm --outdated\n$/,
  )
  assert.match((await cli('rm', '--outdated')).out, /^removed .*tiny-of-old-v1 \(.*B\)\n$/)
  assert.equal([existsSync(old), existsSync(dir)], [false, true])
})

test('a name and --outdated together, and neither, are a wrong call', async () => {
  for (const args of [['rm'], ['rm', 'tiny', '--outdated']]) {
    const { code, err } = await cli(...args)
    assert.is(code, 2)
    assert.match(err, /say what to remove: the name of a model, or --outdated/)
  }
})

test.run()
