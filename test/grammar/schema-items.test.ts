import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { InvalidArgumentError } from '../../src/spec/errors.js'
import { itemRange } from '../../src/grammar/schema-items.js'

test('a list has as many items as its counts say; nothing bounds one without', () => {
  assert.equal(itemRange({}, '#'), { least: 0, most: Infinity })
  assert.equal(itemRange({ minItems: 2, maxItems: 5 }, '#'), { least: 2, most: 5 })
  assert.equal(itemRange({ maxItems: 10_000 }, '#'), { least: 0, most: 10_000 })
})

test('all first places come, and no more than those where no others may', () => {
  const prefixItems = [{}, {}]
  assert.equal(itemRange({ prefixItems, items: {} }, '#'), { least: 2, most: Infinity })
  assert.equal(itemRange({ prefixItems, items: {}, minItems: 3 }, '#'), { least: 3, most: Infinity })
  for (const schema of [{ prefixItems }, { prefixItems, items: false, maxItems: 9 }])
    assert.equal(itemRange(schema, '#'), { least: 2, most: 2 })
})

test('counts that no list can have, or that contradict each other, are refused by place', () => {
  for (const [schema, words] of [
    [{ minItems: 3, maxItems: 2 }, /at #\/x: .*contradict/],
    [{ prefixItems: [{}, {}], maxItems: 1 }, /contradict/],
    [{ prefixItems: [{}], items: false, minItems: 2 }, /contradict/],
    [{ maxItems: 10_001 }, /at #\/x\/maxItems: "maxItems" must be a whole number from 0 to 10000; got 10001/],
    [{ minItems: -1 }, /#\/x\/minItems/],
  ] as const)
    assert.throws(
      () => itemRange(schema, '#/x'),
      (error: unknown) => error instanceof InvalidArgumentError && words.test(error.message),
    )
})

test.run()
