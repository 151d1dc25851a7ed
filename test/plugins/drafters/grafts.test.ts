import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Continuations } from '../../../plugins/drafters/continuations.js'
import { graftedTree, Grafting } from '../../../plugins/drafters/grafts.js'
import type { Plan } from '../../../src/strategies/plan.js'
import type { DraftTree } from '../../../src/strategies/tree.js'
import { rootTree } from '../../../src/strategies/tree.js'
import { tree } from '../../core/support/builders.js'

/** The text ends in 1, after which 2 3 4 came before. */
const HISTORY = [1, 2, 3, 4, 1]
/** A row costs 1 ms; a token saves 10. */
const PLAN: Plan = {
  maxNodes: 4,
  maxDepth: 4,
  msPerToken: 10,
  guess: { maxNodes: 8, maxDepth: 8, stepMs: (rows) => rows },
  stepMs: (rows) => 20 + rows,
  maxQRows: 8,
  among: 1,
}

function choose(drawn: DraftTree, { plan = PLAN, chance = 0.5 } = {}): { grafting: Grafting; grafts: number[][] } {
  const continuations = new Continuations(8, 4, null)
  const grafting = new Grafting(continuations, () => chance)
  const grafts = grafting.choose(drawn, continuations.of(HISTORY), plan)
  return { grafting, grafts: grafts.map(({ parent, token }) => [parent, token]) }
}

test('guesses follow one another as long as a row costs less than it promises', () => {
  // Worth 0.5, 0.25 and 0.125 of 10 ms, each for a row of 1 ms; the next one promises 0.6 ms.
  assert.equal(choose(rootTree(1)).grafts, [
    [0, 2],
    [1, 3],
    [2, 4],
  ])
  assert.equal(choose(rootTree(1), { chance: 0.3 }).grafts, [[0, 2]])
})

test('what was drawn already is no guess: the next token is hung onto it', () => {
  assert.equal(choose(tree([-1, 0], [1, 2])).grafts[0], [1, 3])
})

test('beside what was drawn a guess is worth less than alone', () => {
  // 0.07 of 10 ms is less than the row costs, where 0.5 of it was worth more.
  assert.equal(choose(tree([-1, 0], [1, 9])).grafts, [])
  const cheap = { ...PLAN, stepMs: (rows: number) => 20 + 0.5 * rows }
  assert.equal(choose(tree([-1, 0], [1, 9]), { plan: cheap }).grafts[0], [0, 2])
})

test('bounds of the plan hold, and without room for guesses there are none', () => {
  const within = (guess: Partial<Plan>): number[][] =>
    choose(rootTree(1), { plan: { ...PLAN, guess: { ...PLAN.guess!, ...guess } } }).grafts
  assert.is(within({ maxNodes: 3 }).length, 2)
  assert.is(within({ maxDepth: 1 }).length, 1)
  assert.equal(choose(rootTree(1), { plan: { ...PLAN, guess: undefined } }).grafts, [])
  assert.equal(choose(rootTree(1), { plan: { ...PLAN, msPerToken: undefined } }).grafts, [])
})

test('of an accepted path the first nodes are the drawn ones, and guesses beside draws are learned from', () => {
  const cheap = { ...PLAN, stepMs: (rows: number) => 20 + 0.5 * rows }
  const continuations = new Continuations(8, 4, null)
  const grafting = new Grafting(continuations, () => 0.5)
  const drawn = tree([-1, 0], [1, 9])
  const guesses = continuations.of(HISTORY)
  let rounds = 0
  while (grafting.choose(drawn, guesses, cheap).length > 0) {
    assert.is(grafting.commit(Int32Array.of(1)), 1, 'the drawn token was accepted, the guess beside it was wrong')
    if (++rounds === 20) break
  }
  assert.ok(rounds > 0 && rounds < 20, `${rounds} wrong guesses until they are left out`)
  const onto = choose(tree([-1, 0], [1, 2]))
  assert.is(onto.grafting.commit(Int32Array.of(1, 2)), 1)
  assert.is(choose(tree([-1, 0], [1, 2])).grafting.commit(Int32Array.of(1)), 1)
})

test('the grafted tree is in level order, drawn nodes before guesses, and says where each node is from', () => {
  const drawn = { ...tree([-1, 0, 1], [1, 9, 8]), q: { logitsPtr: 8, rows: Int32Array.of(3, 4, -1) } }
  const { tree: grafted, origins } = graftedTree(drawn, [
    { parent: 0, token: 2 },
    { parent: 3, token: 5 },
  ])
  assert.equal([...grafted.parents], [-1, 0, 0, 1, 2])
  assert.equal([...grafted.tokens], [1, 9, 2, 8, 5])
  assert.equal([...grafted.depths], [0, 1, 1, 2, 2])
  assert.equal([...grafted.guessed!], [0, 0, 1, 0, 1])
  assert.equal([...grafted.q!.rows], [3, 4, -1, -1, -1])
  assert.equal([...origins], [0, 1, 3, 2, 4])
})

test.run()
