import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { didYouMean } from '../../src/common/nearest.js'

const known = ['serve', 'generate', 'pull', 'key']

test('a name that is nearly a known one is told it', () => {
  assert.is(didYouMean('serv', known), ' (did you mean "serve"?)')
  assert.is(didYouMean('genrate', known), ' (did you mean "generate"?)')
  assert.is(didYouMean('kye', known), '')
})

test('a name that is like none is told nothing', () => {
  assert.is(didYouMean('frobnicate', known), '')
  assert.is(didYouMean('x', []), '')
})

test.run()
