/** Threefry-2x32-20 and its keys. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { core, key, place, sampling } from './support/builders.js'

const hex = (...words: number[]): string => words.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join(' ')

function threefry(k0: number, k1: number, c0: number, c1: number): string {
  const out = core.alloc(8)
  core.wasm.threefry2x32(k0, k1, c0, c1, out)
  const words = hex(...core.i32(out, 2))
  core.free(out)
  return words
}

test('the generator gives the published known answers of Threefry-2x32 with 20 rounds', () => {
  assert.is(threefry(0, 0, 0, 0), '6b200159 99ba4efe')
  assert.is(threefry(-1, -1, -1, -1), '1cb996fc bb002be7')
  assert.is(threefry(0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3 | 0), 'c4923a9c 483df7a0')
})

test('every part of the key and the position changes the draw, and the same ones repeat it', () => {
  const vocab = 50_000
  const even = place(new Float32Array(vocab))
  const draw = (seed: bigint, choice: number, position: number): number =>
    core.chooseToken(even, vocab, sampling(1), { seed, choice }, position)
  const draws = [draw(1n, 0, 0), draw(2n, 0, 0), draw(1n << 32n, 0, 0), draw(1n, 1, 0), draw(1n, 0, 1), draw(1n, 0, 2)]
  assert.is(new Set(draws).size, draws.length)
  assert.is(draw(1n, 0, 0), draws[0])
})

test('a seed is its 64 low bits, whatever its sign', () => {
  const vocab = 50_000
  const even = place(new Float32Array(vocab))
  assert.is(
    core.chooseToken(even, vocab, sampling(1), key(-1n), 3),
    core.chooseToken(even, vocab, sampling(1), key(2n ** 64n - 1n), 3),
  )
})

test('two cores with memories of their own draw the same', () => {
  const vocab = 1000
  const even = place(new Float32Array(vocab))
  const other = (core.constructor as typeof import('../../src/core/index.js').Core).load()
  const at = other.alloc(vocab * 4)
  for (let position = 0; position < 50; position++) {
    assert.is(
      other.chooseToken(at, vocab, sampling(1), key(5), position),
      core.chooseToken(even, vocab, sampling(1), key(5), position),
    )
  }
})

test.run()
