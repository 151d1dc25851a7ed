import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { requirePlacement } from '../../../src/runtime/device/placement.js'
import { RuntimeError } from '../../../src/spec/errors.js'

const GPU = 'CUDAExecutionProvider'
const node = (type: string, provider = GPU): Parameters<typeof requirePlacement>[0][number] => ({
  name: `${type}_0`,
  type,
  provider,
})

test('shapes may be computed beside a device, values may not, and the nodes are named', () => {
  requirePlacement([node('MatMul'), node('Shape', 'CPUExecutionProvider')], GPU, 'graph.onnx')
  assert.throws(
    () => requirePlacement([node('MatMul'), node('ReduceMax', 'CPUExecutionProvider')], GPU, 'graph.onnx'),
    (error: Error) =>
      error instanceof RuntimeError &&
      /graph\.onnx is not computed by CUDAExecutionProvider as a whole: ReduceMax_0 \(ReduceMax, CPUExec/.test(
        error.message,
      ),
  )
})

test('of many nodes the first are named, and the others counted', () => {
  const many = Array.from({ length: 9 }, () => node('Softmax', 'CPUExecutionProvider'))
  assert.throws(() => requirePlacement(many, GPU, 'g'), /Softmax_0.* and 4 more; leave device out/)
})

test('a library that does not say where nodes are is not taken for one that says they are well', () => {
  assert.throws(() => requirePlacement([], GPU, 'g'), /does not say where it computes g/)
})

test.run()
