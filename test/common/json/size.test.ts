import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { isJsonWithin, NumberText, writeJson } from '../../../src/common/json/index.js'

test('texts, names, lists and numbers of any spelling count about as long as they are written', () => {
  const values = ['x'.repeat(40), ['a', 'b', null, true], { long_name: 'text' }, new NumberText('1'.repeat(30))]
  for (const value of values) {
    const { length } = writeJson(value)
    assert.ok(isJsonWithin(value, length + 30), writeJson(value))
    assert.not.ok(isJsonWithin(value, length / 2), writeJson(value))
  }
})

test('it looks no further than what is asked for, so circles and large values do no harm', () => {
  const circle: Record<string, unknown> = {}
  circle.again = circle
  assert.not.ok(isJsonWithin(circle, 500))
  const looked: string[] = []
  const watched = new Proxy(
    { a: 'x'.repeat(9), b: 1 },
    { get: (from, name, self) => (looked.push(String(name)), Reflect.get(from, name, self)) },
  )
  assert.not.ok(isJsonWithin(watched, 8))
  assert.equal(looked, ['a'])
})

test.run()
