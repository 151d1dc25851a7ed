import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { reportOf } from '../../../src/cli/doctor/report.js'
import { machine } from '../../support/machine-facts.js'

const HOME = '/home/someone'

test('says versions, system, processor, memory, runtime, bits, cache and GPU, a line each', () => {
  assert.equal(reportOf(machine(), [], HOME).split('\n'), [
    'versions     sequoia-onnx 1.2.3, onnxruntime-node 1.30.0, node 20.19.0',
    'system       linux x64 6.1 glibc',
    'processor    A processor',
    'cores        8, 8 usable, 4 threads a pass, load 0.5',
    'extensions   avx2 avx512_vnni',
    'memory       12000 MB free of 16000 MB',
    'runtime      binding, telemetry off',
    'equal bits   w8a8 yes',
    '4-bit files  large ones without a draft model open in q4: it is quicker',
    'cache        ~/.cache/sequoia-onnx: 1 pulled, 2 imported, 300.0 MB; 50000 MB free; 2 timings of passes',
    'GPU          NVIDIA driver not found, CUDA libraries not installed',
    '',
    'Nothing found that would make it faster.',
  ])
})

test('the name of the user is nowhere in it, advice included', () => {
  const report = reportOf(machine(), [`There is no library at ${HOME}/app/node_modules.`], HOME)
  assert.not.ok(report.includes('someone'))
  assert.match(report, /What would help:\n- There is no library at ~\/app\/node_modules\.$/)
})

test('what is not known is said to be so', () => {
  const unknown = machine({ runtime: { kind: null }, processor: { extensions: [] }, cache: { dir: null } })
  const report = reportOf({ ...unknown, exact: {} }, [], HOME)
  for (const line of [/^runtime +none/m, /^equal bits +not known/m, /^extensions +not told/m, /^cache +none/m])
    assert.match(report, line)
})

test('on a terminal lines are broken between words, under their own beginning', () => {
  const lines = reportOf(machine(), [`There is ${'much '.repeat(20)}to say.`], HOME, 72).split('\n')
  assert.ok(lines.every((line) => line.length <= 72))
  assert.ok(lines.includes('             300.0 MB; 50000 MB free; 2 timings of passes'))
  assert.match(lines.at(-1)!, /^ {2}much/)
})

test('the limit of a container is said beside what the machine has', () => {
  assert.match(reportOf(machine({ memory: { limit: 5e8 } }), [], HOME), /16000 MB, at most 500\.0 MB for this process/)
})

test.run()
