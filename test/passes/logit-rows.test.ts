/** Rows of logits brought to another length, and padding of the head silenced. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { arrangeRows } from '../../src/passes/logit-rows.js'

const NONE = new Int32Array(0)
const rows = (...values: number[]): Float32Array => Float32Array.from(values)

test('rows of the wanted length stay where they are', () => {
  const logits = rows(1, 2, 3, 4)
  arrangeRows(logits, 2, { written: 2, read: 2, silent: NONE })
  assert.equal([...logits], [1, 2, 3, 4])
})

test('shorter rows end in -infinity', () => {
  const logits = rows(1, 2, 3, 4, 5, 6, 0, 0, 0)
  arrangeRows(logits, 3, { written: 2, read: 3, silent: NONE })
  assert.equal([...logits], [1, 2, -Infinity, 3, 4, -Infinity, 5, 6, -Infinity])
})

test('longer rows lose their end', () => {
  const logits = rows(1, 2, 3, 4, 5, 6)
  arrangeRows(logits, 2, { written: 3, read: 2, silent: NONE })
  assert.equal([...logits].slice(0, 4), [1, 2, 4, 5])
})

test('ids without a token get no probability', () => {
  const logits = rows(1, 2, 3, 4, 5, 6)
  arrangeRows(logits, 2, { written: 3, read: 3, silent: Int32Array.of(0, 2) })
  assert.equal([...logits], [-Infinity, 2, -Infinity, -Infinity, 5, -Infinity])
})

test.run()
