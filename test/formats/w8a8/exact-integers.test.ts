// @process native
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  bestIntegers,
  checkIntegerMatmul,
  exactIntegers,
  type CheckRun,
} from '../../../src/formats/w8a8/exact-integers.js'
import { PRODUCTS, type Product } from '../../../src/formats/w8a8/exact-integers.js'

/**
 * Multiplies as a CPU with AVX2 alone does: u8 x s8 products are added in pairs, in 16 bits that saturate. `spoil`
 * changes a finished sum.
 */
function cpuWithoutVnni(spoil: (sum: number) => number = (sum) => sum): CheckRun {
  return async (_graph, { activations, computed, zero, n, k, columns }) => {
    const saturates = computed instanceof Int8Array
    const pair = (sum: number): number => (saturates ? Math.max(-32768, Math.min(32767, sum)) : sum)
    const multiply = (centre: number): number[] =>
      Array.from({ length: n * columns }, (_, i) => {
        const [row, column] = [Math.floor(i / columns), i % columns]
        const weight = (at: number): number => computed[at * columns + column] - zero
        const product = (at: number): number => (at < k ? activations[row * k + at] * weight(at) : 0)
        let sum = 0
        for (let at = 0; at < k; at++) sum -= centre * weight(at)
        for (let at = 0; at < k; at += 2) sum += pair(product(at) + product(at + 1))
        return spoil(sum)
      })
    return Object.fromEntries(
      Object.entries(PRODUCTS).map(([name, { centre }]) => [name, multiply(centre).map(Math.fround)]),
    ) as Record<Product, number[]>
  }
}

test('this CPU multiplies at least one type exactly, and the first of them is used', async () => {
  const { exact, failures } = await checkIntegerMatmul()
  assert.ok(exact.length > 0, failures.join('\n'))
  assert.equal(await exactIntegers(), exact)
  assert.is(await bestIntegers(), exact[0])
})

test('arithmetic that saturates pairs is caught, and uint8 is said to be safe', async () => {
  const { exact, failures } = await checkIntegerMatmul(cpuWithoutVnni())
  assert.equal(exact, ['uint8'])
  assert.match(failures[0], /^constant weights: \[1, 576\] x \[576, 40\] of int8/)
})

test('arithmetic that is wrong in one sum of a hundred is caught with either type', async () => {
  let sums = 0
  const { exact } = await checkIntegerMatmul(cpuWithoutVnni((sum) => sum + (++sums % 101 === 0 ? 1 : 0)))
  assert.equal(exact, [])
})

test.run()
