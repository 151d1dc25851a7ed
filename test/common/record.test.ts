import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { asRecord } from '../../src/common/record.js'

test('an object is itself, whatever its prototype; everything else JSON may hold is none', () => {
  for (const object of [{}, { a: 1 }, Object.create(null)]) assert.is(asRecord(object), object)
  for (const value of [null, undefined, [], 'x', 0, true]) assert.is(asRecord(value), undefined)
})

test.run()
