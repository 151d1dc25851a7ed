import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { textTable } from '../../src/cli/text-table.js'

test('columns are as wide as their widest cell; figures end at the same place, and lines with their last cell', () => {
  const rows = [
    ['', 'rows', 'note'],
    ['target', '1', 'first'],
    ['', '16', ''],
  ]
  assert.equal(
    textTable(rows, (column) => column === 1),
    ['        rows  note', 'target     1  first', '          16'],
  )
  assert.equal(
    textTable([], () => true),
    [],
  )
})

test.run()
