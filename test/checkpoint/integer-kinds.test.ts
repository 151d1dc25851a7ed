import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { BOOL, I32, I64 } from '../../src/checkpoint/integer-kinds.js'

test('whole numbers and truth values are read as they lie, at any place', () => {
  const out = new Float32Array(4)
  I64.decode(new Uint8Array(BigInt64Array.of(9n, -7n, 2n ** 24n).buffer), 8, out, 1, 2)
  assert.equal([...out], [0, -7, 2 ** 24, 0])
  I32.decode(new Uint8Array(Int32Array.of(-3, 4).buffer), 0, out, 2, 2)
  assert.equal([...out.subarray(2)], [-3, 4])
  BOOL.decode(Uint8Array.of(1, 0, 1), 1, out, 0, 2)
  assert.equal([...out.subarray(0, 2)], [0, 1])
})

test.run()
