/** A metered module computes what it did, and stops where its work runs out. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { FUEL, metered } from '../../src/grammar/metered.js'

/** `(i32) -> i32`: the sum of all numbers up to the argument, by a loop; one global, 7. */
const SUM = Uint8Array.from(
  [
    [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    [1, 6, 1, 0x60, 1, 0x7f, 1, 0x7f],
    [3, 2, 1, 0],
    [6, 6, 1, 0x7f, 0, 0x41, 7, 0x0b],
    [7, 7, 1, 3, 0x73, 0x75, 0x6d, 0, 0],
    [10, 30, 1, 28, 1, 1, 0x7f],
    [0x03, 0x40, 0x20, 1, 0x20, 0, 0x6a, 0x21, 1],
    [0x20, 0, 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b],
    [0x20, 1, 0x1a, 0x20, 1, 0x0b],
  ].flat(),
)

async function open(): Promise<{ sum: (n: number) => number; fuel: WebAssembly.Global }> {
  const { instance } = await WebAssembly.instantiate(metered(SUM))
  return { sum: instance.exports.sum as (n: number) => number, fuel: instance.exports[FUEL] as WebAssembly.Global }
}

test('each call and each turn of a loop costs one', async () => {
  const { sum, fuel } = await open()
  fuel.value = 1000
  assert.is(sum(10), 55)
  assert.is(fuel.value, 1000 - 1 - 10)
})

test('a call that needs more than there is traps, with the counter at zero', async () => {
  const { sum, fuel } = await open()
  fuel.value = 50
  assert.throws(() => sum(1000), /unreachable/)
  assert.is(fuel.value, 0)
})

test('instructions that it cannot read are refused', () => {
  const strange = SUM.slice()
  strange[strange.length - 4] = 0xfd
  assert.throws(() => metered(strange), /0xfd/)
})

test.run()
