import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseJson } from '../../src/common/json/index.js'
import { show, showNames } from '../../src/spec/show.js'

test('a short value is shown as JSON', () => {
  const value = { a: [1, null, 'x"y', true], b: {} }
  assert.is(show(value), JSON.stringify(value))
  assert.equal(
    [show(undefined), show(NaN), show(5n), show(() => 1), show('')],
    ['undefined', 'NaN', '5', 'a function', '""'],
  )
})

test('numbers that no double holds are shown digit for digit', () => {
  assert.is(show(parseJson('{"a":[3791411052119578828,1e400]}')), '{"a":[3791411052119578828,1e400]}')
})

test('a long value is cut, and a text in it is closed', () => {
  for (const value of [
    'x'.repeat(1e6),
    ['x'.repeat(1e6)],
    Array(1e6).fill(7),
    { ['k'.repeat(1e6)]: 1 },
    '\\'.repeat(500),
  ]) {
    const text = show(value)
    assert.ok(text.length < 130, text)
    assert.match(text, /\.\.\.$/)
    assert.is(text.replace(/\\./g, '').split('"').length % 2, 1, text)
  }
})

test('deep and cyclic values are cut like long ones', () => {
  let deep: unknown[] = []
  for (let i = 0; i < 100_000; i++) deep = [deep]
  const cyclic: { self?: object } = {}
  cyclic.self = cyclic
  assert.is(show(deep), `${'['.repeat(120)}...`)
  assert.ok(show(cyclic).startsWith('{"self":{"self":'))
})

test('of many names some are listed and the rest counted', () => {
  assert.is(showNames(['a', 'b']), 'a, b')
  assert.is(
    showNames(
      Array.from({ length: 20 }, (_, i) => `n${i}`),
      3,
    ),
    'n0, n1, n2 and 17 more',
  )
  assert.ok(showNames(['x'.repeat(1e5)]).length < 100)
})

test.run()
