// @process native
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { cachedModel, cli } from './cached-model.js'

test('verify ends with 0 where all is whole, and with 2 naming the file that is not', async () => {
  const { dir } = await cachedModel()
  const whole = await cli('verify')
  assert.equal([whole.code, whole.out], [0, `whole: ${dir}\n`])
  writeFileSync(join(dir, 'weights.bin'), 'x')
  const damaged = await cli('verify', 'tiny')
  assert.is(damaged.code, 2)
  assert.match(damaged.out, /^DAMAGED: .*weights\.bin has 1 bytes, expected \d+; delete its folder and import/)
  const { checked } = JSON.parse((await cli('verify', '--json')).out) as { checked: { path: string; fault: string }[] }
  assert.is(checked[0].path, dir)
  assert.match(checked[0].fault, 'weights.bin')
  assert.is((await cli('verify', 'other')).code, 2)
})

test.run()
