import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { isId, newId } from '../../src/scale/ids.js'

test('ids made later are later as text, in one millisecond and when the clock goes back', () => {
  const ms = Date.now() + 1_000_000
  const ids = [ms, ms, ms - 500, ms + 1].map((now) => newId('file-', now))
  assert.equal([...ids].sort(), ids)
  assert.is(new Set(ids).size, ids.length)
})

test('an id is its prefix and 32 hexadecimal digits, which nothing that leads elsewhere is', () => {
  const id = newId('batch_')
  assert.match(id, /^batch_[0-9a-f]{32}$/)
  assert.ok(isId('batch_', id))
  const digits = id.slice('batch_'.length)
  for (const other of [`file-${digits}`, `${id}0`, id.slice(0, -1), `batch_../${digits.slice(3)}`, `${id}\n`, ''])
    assert.not(isId('batch_', other), other)
})

test.run()
