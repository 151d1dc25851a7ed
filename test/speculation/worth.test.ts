import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Sequence } from '../../src/engine/sequence.js'
import { newGates, Worth } from '../../src/speculation/worth.js'
import type { DraftTree } from '../../src/strategies/tree.js'

/** As much of a running sequence as its trees' worth depends on. */
function sequence(temperature = 0): Sequence {
  return {
    gates: newGates(temperature),
    drafter: { name: 'merged', growth: 'static', guesses: true },
    request: { sampling: { temperature }, shape: null },
  } as unknown as Sequence
}

const ROOT: DraftTree = { parents: Int32Array.of(-1), tokens: Int32Array.of(0), depths: Int32Array.of(0) }
const GUESS: DraftTree = { parents: Int32Array.of(-1, 0), tokens: Int32Array.of(0, 1), depths: Int32Array.of(0, 1) }
const DRAWN: DraftTree = { ...GUESS, q: { logitsPtr: 0, rows: Int32Array.of(0, -1) } }

test('a model whose trees lose rests, and guesses go on', () => {
  const worth = new Worth()
  const one = sequence()
  for (let i = 0; i < 10; i++) worth.observe([one], [DRAWN], { made: 1.4, plainMs: 20 }, [1])
  assert.equal([worth.allows(one, 'model', 1), worth.allows(one, 'guess', 1)], [false, true])
})

test('a new sequence starts from how those before it fared, greedy and sampled apart; one that wins goes on', () => {
  const worth = new Worth()
  for (let i = 0; i < 4; i++) {
    const loser = sequence()
    for (let j = 0; j < 5; j++) worth.observe([loser], [DRAWN], { made: 1.4, plainMs: 20 }, [1])
  }
  assert.not(worth.allows(sequence(0), 'model', 1))
  assert.ok(worth.allows(sequence(0.8), 'model', 1))
  const winner = sequence()
  worth.observe([winner], [DRAWN], { made: 1.4, plainMs: 20 }, [3])
  assert.ok(worth.allows(winner, 'model', 1))
})

test('where trees do not pay, sampled text waits twice as long as greedy text before they are tried again', () => {
  const [greedy, sampled] = [0, 0.8].map((temperature) => {
    const worth = new Worth()
    const one = sequence(temperature)
    for (let i = 0; i < 3; i++) worth.observe([one], [DRAWN], { made: 1.4, plainMs: 20 }, [1])
    let steps = 0
    while (!worth.allows(one, 'model', 1)) {
      worth.observe([one], [ROOT], { made: 1, plainMs: 20 }, [1])
      steps++
    }
    return steps
  })
  assert.ok(greedy > 10 && Math.abs(sampled - 2 * greedy) <= 1, `${greedy} and ${sampled} steps`)
})

test('in a shared step trees bear what the others were held up', () => {
  const worth = new Worth()
  const sequences = Array.from({ length: 4 }, () => sequence())
  for (let i = 0; i < 3; i++)
    worth.observe(sequences, [DRAWN, DRAWN, ROOT, ROOT], { made: 6, plainMs: 20 }, [2, 1, 1, 1])
  // The step took as long as 6 tokens take: the trees' part is 2 each, and 5 % are unseen, of which the first got 2 and
  // the second 1.
  assert.equal(
    sequences.map((one) => worth.allows(one, 'model', 4)),
    [true, false, true, true],
  )
})

test.run()
