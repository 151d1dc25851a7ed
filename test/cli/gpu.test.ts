// @process own
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { reportOf, type GpuFacts } from '../../src/cli/gpu.js'
import { run } from '../../src/cli/dispatch.js'
import { printed } from '../support/console.js'
import { tempFolder } from '../support/temp-folder.js'

process.env.XDG_CACHE_HOME = tempFolder()

const NOTHING: GpuFacts = {
  nvidia: null,
  version: '1.30.0',
  library: '/lib/libonnxruntime.so.1',
  hasProvider: false,
  isFetched: false,
  fault: 'no NVIDIA driver is loaded on this machine',
}

test('a machine without a GPU is told what it takes, one with all of it what it has', () => {
  const without = reportOf(NOTHING)
  assert.match(
    without,
    /^driver +none\nONNX Runtime +1\.30\.0.*\nCUDA libraries +none\ndevice cuda +cannot be had: no NV/,
  )
  assert.match(without, /What it takes:\n- An NVIDIA driver.*\n- ONNX Runtime's CUDA libraries: "sequoia gpu install"/)
  const gpu = { index: 0, name: 'NVIDIA A100', totalBytes: 80e9, freeBytes: 79e9 }
  const nvidia = { driver: '570.86', gpus: [gpu] }
  const withAll = reportOf({ ...NOTHING, nvidia, hasProvider: true, isFetched: true, fault: null })
  assert.match(withAll, /^driver +570\.86\nGPU 0 +NVIDIA A100, 79000 MB free of 80000 MB\n[^]*device cuda +can be had$/)
})

test('the command prints facts, for people and as JSON, and knows no other word than install', async () => {
  const { code, out } = await printed(() => run(['gpu', '--json']))
  const facts = JSON.parse(out) as GpuFacts
  assert.is(code, 0)
  assert.ok(facts.library.includes('onnxruntime'))
  const people = await printed(() => run(['gpu']))
  assert.match(people.out, /device cuda +can/)
  const wrong = await printed(() => run(['gpu', 'remove']))
  assert.is(wrong.code, 2)
  assert.match(wrong.err, /takes install or nothing; got "remove"/)
})

test('--device cuda without a GPU ends with exit code 2 and one sentence that says what is missing', async () => {
  const { fault } = JSON.parse((await printed(() => run(['gpu', '--json']))).out) as GpuFacts
  if (fault === null) return
  const { code, err } = await printed(() => run(['generate', '--model', 'micro', '--device', 'cuda', 'hi']))
  assert.is(code, 2)
  assert.ok(err.includes(`device "cuda" cannot be had: ${fault}`), err)
})

test.run()
