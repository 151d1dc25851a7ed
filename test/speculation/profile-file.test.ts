import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Profile } from '../../src/speculation/pass-times.js'
import { keptPath, writeKept } from '../../src/common/kept-json.js'
import { areNumbers, fileKey, readProfile } from '../../src/speculation/profile-file.js'
import { tempFolder } from '../support/temp-folder.js'

const PROFILE: Profile = { rows: [1, 4], baseMs: [10, 12], slotMs: [0, 0.1], drawMs: 0.1, seen: [3, 0], timings: 2 }

test('a profile is read as it was written, in a folder that was not there', async () => {
  const path = keptPath(tempFolder(), 'profiles', fileKey(['model']))
  await writeKept(path, PROFILE)
  assert.equal(await readProfile(path), PROFILE)
})

test('one that is absent or damaged is as good as none', async () => {
  const folder = tempFolder()
  const path = join(folder, 'profile.json')
  assert.is(await readProfile(path), null)
  const damaged: unknown[] = [
    null,
    [],
    {},
    { ...PROFILE, rows: [] },
    { ...PROFILE, rows: [4, 1] },
    { ...PROFILE, rows: [2, 4] },
    { ...PROFILE, baseMs: [10] },
    { ...PROFILE, baseMs: [0, 0] },
    { ...PROFILE, baseMs: [10, null] },
    { ...PROFILE, slotMs: [0, -1] },
    { ...PROFILE, drawMs: '1' },
    { ...PROFILE, seen: [1] },
    { ...PROFILE, timings: -1 },
    { ...PROFILE, isExact: 1 },
  ]
  for (const text of ['', '{', JSON.stringify(PROFILE).slice(0, -9), ...damaged.map((one) => JSON.stringify(one))]) {
    writeFileSync(path, text)
    assert.is(await readProfile(path), null, text)
  }
})

test('writers at the same time leave the file of one of them, whole, and nothing beside it', async () => {
  const folder = tempFolder()
  const path = join(folder, 'profile.json')
  const profiles = Array.from({ length: 20 }, (_, i) => ({ ...PROFILE, drawMs: i }))
  await Promise.all(profiles.map((profile) => writeKept(path, profile)))
  const read = await readProfile(path)
  assert.equal(read, profiles[read!.drawMs])
  assert.equal(readdirSync(folder), ['profile.json'])
})

test('where nothing can be written nothing is, and nobody is told', async () => {
  const folder = tempFolder()
  mkdirSync(join(folder, 'profile.json'))
  await writeKept(join(folder, 'profile.json'), PROFILE)
  writeFileSync(join(folder, 'file'), 'kept')
  await writeKept(join(folder, 'file', 'profile.json'), PROFILE)
  assert.is(readFileSync(join(folder, 'file'), 'utf8'), 'kept')
})

test('what figures depend on names their file', () => {
  assert.match(fileKey(['a', 2]), /^[0-9a-f]{24}$/)
  assert.is(fileKey(['a', 2]), fileKey(['a', 2]))
  assert.not.equal(fileKey(['a', 2]), fileKey(['a', 3]))
})

test('numbers are finite and none below 0', () => {
  assert.ok(areNumbers([0, 1.5], 2))
  for (const value of [[1], [1, -1], [1, NaN], [1, Infinity], [1, '1'], 'no', null])
    assert.not(areNumbers(value, 2), String(value))
})

test.run()
