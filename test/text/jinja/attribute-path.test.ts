import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { attributePath } from '../../../src/text/jinja/attribute-path.js'
import { toValue } from '../../../src/text/jinja/convert.js'
import { Undefined } from '../../../src/text/jinja/values.js'

const person = toValue({ name: 'Ann', tags: ['x', 'y'], '0': 'zero' })

test('a path leads through members and places', () => {
  assert.is(attributePath(person, 'name'), 'Ann')
  assert.is(attributePath(person, 'tags.1'), 'y')
  assert.is(attributePath(['a', 'b'], 1n), 'b')
})

test('what is not there is undefined, and what lies behind it an error', () => {
  assert.instance(attributePath(person, 'nothing'), Undefined)
  assert.throws(() => attributePath(person, 'nothing.more'), /has no attribute 'nothing'/)
})

test.run()
