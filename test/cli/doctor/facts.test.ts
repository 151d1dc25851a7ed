// @process own
/** What is gathered here, without a cache folder; the library is loaded, so in a process of its own. */
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { gatherFacts } from '../../../src/cli/doctor/facts.js'
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

test.run()
