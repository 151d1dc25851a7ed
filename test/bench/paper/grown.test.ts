import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { tokensWithin } from '../../../bench/paper/grown.js'
import { placesOf } from '../../../bench/paper/collect.js'
import { rounded } from '../../../bench/paper/merged.js'

test('a grown tree brings the tokens whose nodes are among its worthiest', () => {
  assert.is(tokensWithin([1, 3, 20], 1), 1)
  assert.is(tokensWithin([1, 3, 20], 2), 2)
  assert.is(tokensWithin([1, 3, 20], 20), 3)
  assert.is(tokensWithin([1, 3, 20], 21), 4)
  assert.is(tokensWithin([], 512), 1)
})

test("places are in the answer, from its first token to the one before its end's", () => {
  assert.equal(placesOf({ start: 10, end: 20 }, 4), [11, 15, 19])
  assert.equal(placesOf({ start: 10, end: 11 }, 4), [11])
})

test('room for guesses is at least what is wanted, and at most half of the tree', () => {
  assert.equal(
    [0, 1, 24, 40, 200].map((count) => rounded(count, 256)),
    [0, 32, 32, 64, 128],
  )
  assert.is(rounded(3, 4), 2)
})

test.run()
