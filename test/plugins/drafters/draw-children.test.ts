import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { drawChildren } from '../../../plugins/drafters/draw-children.js'
import { Core } from '../../../src/core/index.js'
import { ModelRunner } from '../../../src/passes/model-runner.js'
import { GrowingTree } from '../../../src/strategies/growing-tree.js'
import { RecordingForward } from '../../support/recording-forward.js'

test('children come in the order of their draws, from q as the request changes it', () => {
  const limits = { maxRows: 4, maxLogitRows: 4, maxSlots: 16, maxLanes: 1 }
  const runner = new ModelRunner(Core.load(), new RecordingForward({ slots: 16 }), limits, { busyMs: 0 })
  const tree = new GrowingTree(0)
  tree.qRows[0] = 1
  runner.core.f32(runner.logitsAt(1), 3).set([1, 3, 2])
  const paths: number[][] = []
  const rows = {
    apply: (row: Float32Array, path: readonly number[]) => {
      paths.push([...path])
      row[1] = -Infinity
    },
  }
  const sampling = { temperature: 0, topK: 0, topP: 1, minP: 0 }
  const q = drawChildren(runner, { sampling, key: { seed: 1n, choice: 0 }, draws: 'coupled', rows }, tree, 0, [5, 6], 3)
  assert.equal([tree.tokens, tree.plannedNode, paths], [[0, 2, 0], [0, 5, 6], [[]]])
  assert.ok(q[0] > q[1])
})

test.run()
