import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { SequoiaError } from '../../src/spec/errors.js'
import { assertCount, assertFits } from '../../src/text/fits.js'

test('a text is refused where its bytes alone need more tokens than there is room for', () => {
  assertFits({ mostBytes: 4 }, ['abcd', 'efgh'], 2)
  for (const texts of [['abcd', 'efghi'], ['ééééé'], [' '.repeat(1e6)]])
    assert.throws(
      () => assertFits({ mostBytes: 4 }, texts, 2),
      (error: unknown) => error instanceof SequoiaError && error.code === 'context_overflow',
    )
})

test('as many messages as tokens fit, one more does not', () => {
  assertCount(8, 8)
  assert.throws(
    () => assertCount(9, 8),
    (error: unknown) => error instanceof SequoiaError && error.code === 'context_overflow',
  )
})

test.run()
