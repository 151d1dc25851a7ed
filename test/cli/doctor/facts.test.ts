// @process own
/** What is gathered here, without a cache folder; the library is loaded, so in a process of its own. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { gatherFacts } from '../../../src/cli/doctor/facts.js'
import { run } from '../../../src/cli/run.js'
import { printed } from '../../support/console.js'
import { tempFolder } from '../../support/temp-folder.js'

process.env.XDG_CACHE_HOME = tempFolder()

test('gathers what this machine is', async () => {
  const { versions, processor, memory, runtime, exact, cache } = await gatherFacts()
  for (const version of Object.values(versions)) assert.match(version, /^\d+\.\d+\.\d+/)
  assert.is(versions.node, process.versions.node)
  assert.ok(processor.usable >= 1 && processor.usable <= processor.cores)
  assert.ok(memory.free > 0 && memory.free <= memory.total)
  assert.ok(runtime.kind !== null && runtime.telemetryOff)
  assert.equal(Object.keys(exact).sort(), ['q4', 'w8a8'], 'formats that promise equal bits')
  assert.equal([cache.dir, cache.fault, cache.imported], [join(process.env.XDG_CACHE_HOME!, 'sequoia-onnx'), null, 0])
  assert.ok(cache.free > 0)
})

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
