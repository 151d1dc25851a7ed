import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Arena } from '../../src/core/arena.js'
import { instantiate } from '../../src/core/wasm.js'
import { InvalidArgumentError, RuntimeError } from '../../src/spec/errors.js'

test('views of every type read the same bytes of a block, little end first', () => {
  const arena = new Arena(instantiate())
  const at = arena.alloc(16)
  arena.f64(at, 2).set([1, -2])
  assert.equal([...arena.u8(at, 16)], [0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0xc0])
  assert.equal([...arena.i32(at, 4)], [0, 0x3ff00000, 0, -0x40000000])
  arena.i32(at, 1)[0] = 0x3f800000
  assert.is(arena.f32(at, 1)[0], 1)
})

test('a block that makes memory grow detaches views made before it, and one made anew has their numbers', () => {
  const arena = new Arena(instantiate())
  const at = arena.alloc(8)
  const before = arena.i32(at, 2)
  before.set([7, 8])
  arena.alloc(arena.memory.buffer.byteLength)
  assert.is(before.length, 0)
  assert.equal([...arena.i32(at, 2)], [7, 8])
})

test('sizes that no memory has are a runtime error with the size, and a wrong address an invalid argument', () => {
  const arena = new Arena(instantiate())
  for (const bytes of [-1, 2 ** 32, Number.NaN]) {
    assert.throws(
      () => arena.alloc(bytes),
      (error: Error) => error instanceof RuntimeError && error.message.includes(`cannot hold ${bytes} bytes more`),
    )
  }
  assert.throws(
    () => arena.free(8),
    (error: Error) => error instanceof InvalidArgumentError,
  )
})

test.run()
