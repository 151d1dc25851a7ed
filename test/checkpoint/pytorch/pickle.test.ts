/** Pickles of weights are read; those that would do anything else are refused by the name of what they call. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readPickle } from '../../../src/checkpoint/pytorch/pickle.js'
import { ModelError } from '../../../src/spec/errors.js'
import { call, global, int, pickle, tensor, text, tuple } from '../../support/pickle.js'

function refusal(bytes: Uint8Array): string {
  try {
    readPickle(bytes, 'weights.bin')
  } catch (error) {
    assert.instance(error, ModelError)
    return (error as ModelError).message
  }
  throw new Error('nothing was refused')
}

test('a dictionary of tensors gives their types, shapes and places', () => {
  const found = readPickle(pickle({ a: tensor({ shape: [2, 3], stride: [3, 1], from: 6, key: '7' }) }), 'weights.bin')
  assert.equal(
    [...found],
    [['a', { storage: { type: 'FloatStorage', key: '7' }, storageOffset: 6, shape: [2, 3], stride: [3, 1] }]],
  )
})

test('steps of newer protocols and of memory are known', () => {
  const long = [0x8a, 2, 0, 1]
  const short = [0x8c, 1, ...Buffer.from('b')]
  const one = [...tensor({ shape: [2], stride: [1] }), 0x71, 5, 0x30, 0x68, 5]
  const bytes = [0x80, 4, 0x95, ...new Uint8Array(8), 0x7d, ...short, ...one, 0x73, ...text('n'), ...long, 0x73]
  assert.equal([...readPickle(Uint8Array.from([...bytes, 0x2e]), 'weights.bin').keys()], ['b'])
})

test('a call of anything but what builds tensors is named and never made', () => {
  const shell = pickle({ a: call('os', 'system', text('true')) })
  assert.match(refusal(shell), /calls os\.system, which a file of weights has no need for: it is not run/)
  assert.match(refusal(pickle({ a: call('builtins', 'eval', text('1')) })), /calls builtins\.eval/)
  assert.match(refusal(pickle({ a: [...tuple(text('x')), 0x52] })), /calls nothing/)
})

test('steps that make objects, and references to other things than values, are refused', () => {
  assert.match(refusal(pickle({ a: [...global('os', 'x'), 0x29, 0x81] })), /step 0x81 of pickle/)
  assert.match(refusal(pickle({ a: [...tuple(text('module'), global('os', 'x')), 0x51] })), /refers to something other/)
  assert.match(refusal(Uint8Array.from([0x80, 2, ...int(1), 0x28, ...int(1), ...int(2), 0x75])), /no dictionary/)
  assert.match(refusal(Uint8Array.from([0x80, 2, ...int(1), ...int(2), 0x61])), /no list/)
})

test('a pickle that is cut short, or of no tensors, is refused', () => {
  const whole = pickle({ a: tensor({ shape: [2], stride: [1] }) })
  for (let end = 0; end < whole.length; end++) assert.match(refusal(whole.subarray(0, end)), /truncated or corrupt/)
  assert.match(refusal(pickle({ epoch: int(3) })), /no dictionary of tensors/)
  assert.match(refusal(Uint8Array.from([0x68, 9, 0x2e])), /truncated or corrupt/)
})

test.run()
