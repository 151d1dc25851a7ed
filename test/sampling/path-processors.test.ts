import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { PathProcessors } from '../../src/sampling/path-processors.js'
import type { Processor } from '../../src/strategies/row-processor.js'

/** Notes each move, and the path at which a row was given to it. */
function recording(log: string[]): Processor {
  const path: number[] = []
  return {
    push(token) {
      path.push(token)
      log.push(`+${token}`)
    },
    pop(token) {
      assert.is(path.pop(), token, 'what is popped is what was pushed last')
      log.push(`-${token}`)
    },
    apply: () => log.push(`[${path.join(' ')}]`),
  }
}

test('from node to node state goes back to the common ancestor and on from there', () => {
  const log: string[] = []
  const processors = new PathProcessors([recording(log)])
  const row = new Float32Array(1)
  for (const path of [[], [1], [1, 2], [1, 3], [4]]) processors.apply(row, path)
  assert.is(log.join(' '), '[] +1 [1] +2 [1 2] -2 +3 [1 3] -3 -1 +4 [4]')
})

test('what was committed stays, and paths start behind it', () => {
  const log: string[] = []
  const processors = new PathProcessors([recording(log)])
  const row = new Float32Array(1)
  processors.apply(row, [1, 2])
  processors.commit([1, 3])
  processors.apply(row, [5])
  processors.apply(row, [])
  assert.is(log.join(' '), '+1 +2 [1 2] -2 +3 +5 [1 3 5] -5 [1 3]')
})

test('processors change a row in the order in which they are given', () => {
  const still = { push: () => undefined, pop: () => undefined }
  const row = Float32Array.of(1)
  new PathProcessors([
    { ...still, apply: (given) => (given[0] += 2) },
    { ...still, apply: (given) => (given[0] *= 10) },
  ]).apply(row, [])
  assert.is(row[0], 30)
})

test.run()
