/** Lines longer than 120 columns are found, whatever they hold. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { longLines } from '../../scripts/columns.js'

test('a line of 121 characters is found by its number, one of 120 is not', () => {
  assert.equal(longLines(['x'.repeat(120), 'x'.repeat(121), '', ' '.repeat(200)].join('\n')), [2, 4])
})

test('characters count, not the units or bytes that store them', () => {
  assert.equal(longLines('🙂'.repeat(120)), [])
  assert.equal(longLines('🙂'.repeat(121)), [1])
})

test.run()
