// @process native
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { GraphBuilder } from '../../src/onnx/graph-builder.js'
import { tempFolder } from '../support/temp-folder.js'

test('a written graph runs, with its constants inside and its weights in a file beside it', async () => {
  const dir = tempFolder()
  writeFileSync(join(dir, 'weights.bin'), new Uint8Array(Float32Array.of(0, 0, 10, 20, 30).buffer))
  const g = new GraphBuilder('sum')
  const x = g.input('x', 'float32', ['n', 3])
  const weight = g.weight({ name: 'w', type: 'float32', dims: [3], file: 'weights.bin', offset: 8, bytes: 12 })
  g.op('Mul', [g.op('Add', [x, weight]), g.constant('float32', [2], [])], {}, 'y')
  g.output('y', 'float32', ['n', 3])
  writeFileSync(join(dir, 'graph.onnx'), g.encode())
  const session = await InferenceSession.create(join(dir, 'graph.onnx'))
  const { y } = await session.run({ x: new Tensor('float32', Float32Array.of(1, 2, 3), [1, 3]) })
  await session.release()
  assert.equal([...(y.data as Float32Array)], [22, 44, 66])
})

test('attributes of every kind reach the operator', async () => {
  const g = new GraphBuilder('attributes')
  const x = g.input('x', 'float32', [2, 2])
  const turned = g.op('Transpose', [x], { perm: [1, 0] })
  g.op('FusedMatMul', [turned, x], { alpha: { float: 0.5 }, transB: 1 }, 'y')
  g.output('y', 'float32', [2, 2])
  const session = await InferenceSession.create(g.encode())
  const { y } = await session.run({ x: new Tensor('float32', Float32Array.of(1, 2, 3, 4), [2, 2]) })
  await session.release()
  assert.equal([...(y.data as Float32Array)], [3.5, 7.5, 5, 11])
})

test('equal constants are one constant; those of another type or shape are not', () => {
  const g = new GraphBuilder('constants')
  assert.is(g.constant('float32', [1]), g.constant('float32', [1]))
  assert.is.not(g.constant('float32', [1]), g.constant('float32', [1], []))
  assert.is.not(g.constant('float32', [1]), g.constant('int64', [1]))
})

test('writing the same graph twice gives the same bytes', () => {
  const build = (): Uint8Array => {
    const g = new GraphBuilder('same')
    g.op('Abs', [g.input('x', 'float32', ['n'])], {}, 'y')
    g.output('y', 'float32', ['n'])
    return g.encode()
  }
  assert.equal(build(), build())
})

test.run()
