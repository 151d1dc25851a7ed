import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Rest } from '../../src/speculation/rest.js'

/** Steps at which a sequence that never gets a tree thinks of one, of the first `steps`. */
function thoughts(plainMs: number, steps: number): number[] {
  const rest = new Rest()
  const thought: number[] = []
  for (let step = 0; step < steps; step++) {
    if (rest.isOver(step)) thought.push(step)
    rest.hadNone(step + 1, plainMs)
  }
  return thought
}

test('rests double with every vain thought, up to what thinking may take of the time', () => {
  // 0.12 ms of thinking are 0.01 of 4.8 steps of 2.5 ms.
  assert.equal(thoughts(2.5, 30), [0, 2, 5, 10, 15, 20, 25])
})

test('where a pass takes long, thinking is free: there is one at every step', () => {
  assert.equal(thoughts(100, 4), [0, 1, 2, 3])
})

test('a tree ends the doubling', () => {
  const rest = new Rest()
  rest.hadNone(1, 5)
  rest.hadNone(3, 5)
  rest.hadTree()
  rest.hadNone(10, 5)
  assert.not(rest.isOver(10))
  assert.ok(rest.isOver(11))
})

test.run()
