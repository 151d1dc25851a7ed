import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { joined } from '../../src/common/joined.js'

test('parts stand end to end in an array of the kind asked for, empty ones included', () => {
  const parts = [Int32Array.of(1, 2), new Int32Array(0), Int32Array.of(3)]
  assert.equal(joined(Int32Array, parts), Int32Array.of(1, 2, 3))
  assert.equal(joined(Float32Array, []), new Float32Array(0))
})

test('the whole is a copy: changing it leaves the parts as they are', () => {
  const part = Float32Array.of(1)
  joined(Float32Array, [part])[0] = 5
  assert.is(part[0], 1)
})

test.run()
