import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { checked, instantiate } from '../../src/core/wasm.js'
import { InvalidArgumentError, RuntimeError } from '../../src/spec/errors.js'

test('each instance has memory of its own', () => {
  const [one, other] = [instantiate(), instantiate()]
  const at = one.alloc(16)
  assert.is(other.alloc(16), at)
  new Uint8Array(one.memory.buffer)[at] = 1
  assert.is(new Uint8Array(other.memory.buffer)[at], 0)
})

test('results are passed through, the least of them 0', () => {
  assert.is(checked(0, 'plan'), 0)
  assert.is(checked(7, 'plan'), 7)
})

test('each status of the ABI is an error of its class that names the call', () => {
  const classes: [number, typeof InvalidArgumentError | typeof RuntimeError, RegExp][] = [
    [-1, InvalidArgumentError, /^plan: a number is out of range/],
    [-2, InvalidArgumentError, /^plan: a pointer is unaligned/],
    [-3, RuntimeError, /^plan: wasm memory cannot grow/],
    [-4, RuntimeError, /^plan: a row of logits is all NaN or -Infinity/],
    [-5, InvalidArgumentError, /^plan: no tree has this many nodes/],
  ]
  for (const [status, kind, message] of classes)
    assert.throws(
      () => checked(status, 'plan'),
      (error: Error) => error instanceof kind && message.test(error.message),
      `${status}`,
    )
})

test.run()
