import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Scope } from '../../../src/text/jinja/scope.js'

test('a variable is looked up outwards and set inside', () => {
  const outer = new Scope()
  const inner = new Scope(outer)
  outer.set('a', 1n)
  assert.is(inner.get('a'), 1n)
  inner.set('a', null)
  assert.is(inner.get('a'), null)
  assert.is(outer.get('a'), 1n)
  assert.is(inner.get('b'), undefined)
})

test.run()
