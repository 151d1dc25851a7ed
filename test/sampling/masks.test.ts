import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { allowedTokens, bannedTokens, isEmpty, MinTokens } from '../../src/sampling/masks.js'
import type { Processor } from '../../src/strategies/row-processor.js'

function masked(mask: Processor, ...logits: number[]): number[] {
  const row = Float32Array.from(logits)
  mask.apply(row)
  return [...row]
}

test('banned tokens cannot come and the others keep their logits', () => {
  assert.equal(masked(bannedTokens([1, 3]), 5, 6, 7, 8), [5, -Infinity, 7, -Infinity])
})

test('only allowed tokens can come, with the logits that each row gives them', () => {
  const mask = allowedTokens([3, 0])
  assert.equal(masked(mask, 5, 6, 7, 8), [5, -Infinity, -Infinity, 8])
  assert.equal(masked(mask, -1, 6, 7, -Infinity), [-1, -Infinity, -Infinity, -Infinity])
})

test('stop tokens cannot come before the answer has its least length, counted along the path', () => {
  const mask = new MinTokens(2, [2, 3])
  mask.push()
  assert.equal(masked(mask, 5, 6, 7, 8), [5, 6, -Infinity, -Infinity], 'one token so far')
  mask.push()
  assert.equal(masked(mask, 5, 6, 7, 8), [5, 6, 7, 8], 'two tokens')
  mask.pop()
  assert.equal(masked(mask, 5, 6, 7, 8), [5, 6, -Infinity, -Infinity], 'back on the path')
})

test('where stop tokens are all that is left, a short answer may end', () => {
  const mask = new MinTokens(2, [2, 3])
  assert.equal(masked(mask, -Infinity, -Infinity, 7, -Infinity), [-Infinity, -Infinity, 7, -Infinity])
})

test('a row is empty where nothing is above -Infinity', () => {
  assert.is(isEmpty(Float32Array.of(-Infinity, -3.4e38)), false)
  assert.is(isEmpty(Float32Array.of(-Infinity, Number.NaN)), true, 'NaN is never chosen')
  assert.is(isEmpty(new Float32Array(0)), true)
})

test.run()
