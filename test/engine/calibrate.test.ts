import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { rising } from '../../src/engine/calibrate.js'

test('times that rise are kept', () => {
  assert.equal(rising([1, 1.5, 2, 8]), [1, 1.5, 2, 8])
})

test('a pass of more rows that took less, by noise, and its neighbours count as their mean', () => {
  assert.equal(rising([1, 4, 2, 3, 8]), [1, 3, 3, 3, 8])
  assert.equal(rising([3, 2, 1]), [2, 2, 2])
})

test.run()
