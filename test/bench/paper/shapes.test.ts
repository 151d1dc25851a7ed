import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { best, chain, chains, complete, linksOf, MOST_LEVELS, tokensAlong } from '../../../bench/paper/shapes.js'
import { depthsOf } from '../../../src/core/choose-plan.js'
import { Core } from '../../../src/core/index.js'

const core = Core.load()
const shape = (parents: Int32Array): number[] => Array.from(parents)

test('shapes have the nodes asked for, parents before children', () => {
  assert.equal(shape(chain(4)), [-1, 0, 1, 2])
  assert.is(chain(512).length, MOST_LEVELS + 1)
  assert.equal(shape(complete(6, 2)), [-1, 0, 0, 1, 1, 2])
  assert.equal(shape(complete(6, 4)), [-1, 0, 0, 0, 0, 1])
})

test('independent chains are eight deep and begin at the root', () => {
  for (const [nodes, count] of [
    [41, 5],
    [65, 8],
  ]) {
    const parents = chains(nodes)
    assert.is(parents.length, nodes)
    assert.is(parents.filter((parent) => parent === 0).length, count)
    assert.is(Math.max(...depthsOf(parents)), 8)
    for (let node = 1; node < nodes; node++)
      assert.ok(parents.filter((parent) => parent === node).length <= 1, `node ${node} has one child at most`)
  }
  assert.is(chains(512).length, 512)
  assert.is(chains(600).length, 1 + 64 * 8)
})

test('a path of ranks leads as far as the shape holds those children', () => {
  const links = linksOf(complete(7, 2))
  assert.is(tokensAlong(links, [-1]), 1)
  assert.is(tokensAlong(links, [1, 0, 0]), 3)
  assert.is(tokensAlong(links, [2, 0]), 1)
  assert.is(tokensAlong(links, [0, -1]), 2)
  assert.is(tokensAlong(linksOf(chain(3)), [0, 0, 0, 0]), 3)
  assert.is(tokensAlong(linksOf(chain(3)), [0]), 2)
})

test('paths drawn from the vectors bring what the dynamic program expects of its tree', () => {
  const acceptance = [Float64Array.of(0.6, 0.2, 0.1)]
  const { parents, expectedTokens } = best(core, acceptance, 10, 4)
  // Every path of ranks up to four levels, weighed by its chance; -1 ends it.
  const links = linksOf(parents)
  const chances = [...acceptance[0], 1 - acceptance[0].reduce((sum, p) => sum + p)]
  const expected = (path: number[], chance: number): number => {
    if (path.length === 4 || path.at(-1) === -1) return chance * tokensAlong(links, path)
    return chances.reduce((sum, p, rank) => sum + expected([...path, rank === 3 ? -1 : rank], chance * p), 0)
  }
  assert.ok(Math.abs(expected([], 1) - expectedTokens) < 1e-9)
})

test.run()
