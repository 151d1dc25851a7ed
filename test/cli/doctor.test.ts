// @process own
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { run } from '../../src/cli/dispatch.js'
import { printed } from '../support/console.js'
import { tempFolder } from '../support/temp-folder.js'

process.env.XDG_CACHE_HOME = tempFolder()

test('sequoia doctor prints it for people and as JSON, and ends well', async () => {
  const people = await printed(() => run(['doctor']))
  assert.is(people.code, 0)
  assert.match(
    people.out,
    /^versions +sequoia-onnx .*\n[\s\S]*\nequal bits +.*\n[\s\S]*(?:What would help|Nothing found)/,
  )
  const { code, out } = await printed(() => run(['doctor', '--json']))
  assert.is(code, 0)
  assert.ok(Array.isArray((JSON.parse(out) as { advice: unknown }).advice))
})

test('a cache folder that cannot be made is told, and doctor still ends well', async () => {
  const file = join(tempFolder(), 'file')
  writeFileSync(file, '')
  process.env.XDG_CACHE_HOME = file
  const { code, out } = await printed(() => run(['doctor']))
  assert.is(code, 0)
  assert.match(out, /The cache folder cannot be used \(E(?:NOTDIR|EXIST)/)
})

test.run()
