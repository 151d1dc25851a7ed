import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Continuations, type Guess } from '../../../plugins/drafters/continuations.js'
import { PastOutputs } from '../../../plugins/drafters/past-outputs.js'

const told = (guesses: readonly Guess[]): [token: number, match: number][] =>
  guesses.map(({ token, match }) => [token, match])

test('the longest match comes first, then the most recent', () => {
  const continuations = new Continuations(8, 4, null)
  // The text ends in 2 3; 2 3 stood before 4, and 3 alone before 5 and, later, 6.
  assert.equal(told(continuations.of([2, 3, 4, 9, 3, 5, 8, 3, 6, 2, 3])), [
    [4, 2],
    [6, 1],
    [5, 1],
  ])
})

test('a text whose last token is new to it has no continuation', () => {
  assert.equal(new Continuations(8, 4, null).of([1, 2, 3]), [])
  assert.equal(new Continuations(8, 4, null).of([1]), [])
})

test('places that go on alike are one guess with several places, which part later', () => {
  const continuations = new Continuations(8, 4, null)
  const [guess, ...others] = continuations.of([1, 2, 5, 1, 2, 6, 1])
  assert.equal([guess.token, guess.places.length, others.length], [2, 2, 0])
  assert.equal(told(continuations.childrenOf(guess)), [
    [6, 2],
    [5, 2],
  ])
})

test('a match grows with each token that is guessed, up to its cap', () => {
  const continuations = new Continuations(2, 4, null)
  const [first] = continuations.of([1, 2, 3, 4, 1])
  const [second] = continuations.childrenOf(first)
  const [third] = continuations.childrenOf(second)
  assert.equal(told([first, second, third]), [
    [2, 1],
    [3, 2],
    [4, 2],
  ])
})

test('no more places are kept than asked for, and longer matches put shorter ones out', () => {
  const two = new Continuations(8, 2, null)
  assert.equal(told(two.of([2, 3, 4, 9, 3, 5, 8, 3, 6, 2, 3])), [
    [4, 2],
    [6, 1],
  ])
})

test('earlier answers are places too, behind those of the text itself that match as long', () => {
  const past = new PastOutputs(64)
  past.add([7, 1, 2, 3, 8])
  const continuations = new Continuations(3, 4, past)
  assert.equal(told(continuations.of([1, 2, 3, 5, 1, 2, 3])), [
    [5, 3],
    [8, 3],
  ])
})

test.run()
