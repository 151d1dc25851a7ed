import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { mapMembers, ordered } from '../../../src/common/json/ordered.js'

const entries = [
  ['b', 1],
  ['10', 2],
  ['2', 3],
] as const

test('members are listed as given, whatever their names', () => {
  const object = ordered(entries)
  assert.equal(Object.entries(object), entries)
  assert.is(JSON.stringify(object), '{"b":1,"10":2,"2":3}')
  const seen: string[] = []
  for (const name in object) seen.push(name)
  assert.equal(seen, ['b', '10', '2'])
  assert.is(object['10'], 2)
})

test('of equal names the last value counts, at the place of the first', () => {
  assert.equal(
    Object.entries(
      ordered([
        ['x', 1],
        ['1', 2],
        ['x', 3],
      ] as const),
    ),
    [
      ['x', 3],
      ['1', 2],
    ],
  )
})

test('changing every value keeps the order, and tells the name', () => {
  assert.is(
    JSON.stringify(mapMembers(ordered(entries), (value, name) => `${name}${String(value)}`)),
    '{"b":"b1","10":"102","2":"23"}',
  )
})

test.run()
