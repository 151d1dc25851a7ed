import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { InvalidArgumentError } from '../../src/spec/errors.js'
import { core } from './support/builders.js'

test('expected tokens are sums of products along paths, worked out by hand', () => {
  const frontier = core.plan({ acceptance: Float64Array.of(0.6, 0.2), maxNodes: 4, maxDepth: 2 })
  const near = (found: number, expected: number): void => assert.ok(Math.abs(found - expected) < 1e-12, `${found}`)
  near(frontier.expected(1, 0), 1)
  near(frontier.expected(2, 1), 1.6)
  near(frontier.expected(3, 1), 1.8)
  near(frontier.expected(3, 2), 1.96)
  near(frontier.expected(4, 2), 2.16)
  assert.is(frontier.expected(4, 1), -Infinity, 'two ranks fill one level with two children')
  assert.equal([...frontier.tree(4, 2).parents], [-1, 0, 0, 1])
})

test('each level may have a vector of its own, and a shorter one has no child of the ranks it leaves out', () => {
  const frontier = core.plan({ acceptance: [Float64Array.of(0.5, 0.4), Float64Array.of(1)], maxNodes: 5, maxDepth: 2 })
  assert.is(frontier.expected(5, 2), 1 + 0.5 + 0.4 + 0.5 + 0.4)
  assert.equal([...frontier.tree(5, 2).parents], [-1, 0, 0, 1, 2])
})

test('the most children of a node can be bounded', () => {
  const frontier = core.plan({ acceptance: Float64Array.of(0.5, 0.5), maxNodes: 3, maxDepth: 2, maxBranch: 1 })
  assert.equal([...frontier.tree(3, 2).parents], [-1, 0, 1])
  assert.is(frontier.expected(3, 1), -Infinity)
})

test('what is out of range is refused by the name of the field', () => {
  const good = { acceptance: Float64Array.of(0.5), maxNodes: 4, maxDepth: 2 }
  const frontier = core.plan(good)
  const refusals: [string, () => unknown][] = [
    ['acceptance', () => core.plan({ ...good, acceptance: Float64Array.of(0.5, 1.5) })],
    ['acceptance', () => core.plan({ ...good, acceptance: [] })],
    ['maxNodes', () => core.plan({ ...good, maxNodes: 4097 })],
    ['maxDepth', () => core.plan({ ...good, maxDepth: 257 })],
    ['nodes', () => frontier.expected(5, 1)],
    ['nodes', () => frontier.expected(0, 1)],
    ['depth', () => frontier.tree(2, 3)],
    ['nodes', () => frontier.tree(4, 2)],
  ]
  for (const [param, call] of refusals) {
    assert.throws(call, (error: Error) => error instanceof InvalidArgumentError && error.param === param, param)
  }
})

test.run()
