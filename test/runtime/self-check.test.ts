import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { checkIntegerMatmul, type CheckRun } from '../../src/runtime/self-check.js'
import { PRODUCTS, type Product } from '../../src/runtime/self-check-graph.js'

/** Multiplies as a CPU without VNNI does: products are added in pairs, in 16 bits that saturate. `spoil` changes a finished sum. */
function cpuWithoutVnni(spoil: (sum: number) => number = (sum) => sum): CheckRun {
  return async (_graph, { activations, computed, n, k, columns }) => {
    const multiply = (centre: number): number[] => Array.from({ length: n * columns }, (_, i) => {
      const [row, column] = [Math.floor(i / columns), i % columns]
      const product = (at: number): number => at < k ? activations[row * k + at] * computed[at * columns + column] : 0
      let sum = 0
      for (let at = 0; at < k; at++) sum -= centre * computed[at * columns + column]
      for (let at = 0; at < k; at += 2) sum += Math.max(-32768, Math.min(32767, product(at) + product(at + 1)))
      return spoil(sum)
    })
    return Object.fromEntries(Object.entries(PRODUCTS).map(([name, { centre, isFloat }]) =>
      [name, isFloat ? multiply(centre).map(Math.fround) : multiply(centre)])) as Record<Product, number[]>
  }
}

test('on this CPU, as on any, 7-bit weights are exact', async () => {
  const check = await checkIntegerMatmul()
  assert.ok(check.isExactWith7BitWeights, check.failures.join('\n'))
})

test('arithmetic that saturates pairs is caught, and 7-bit weights are said to be safe', async () => {
  const check = await checkIntegerMatmul(cpuWithoutVnni())
  assert.not.ok(check.isExact)
  assert.ok(check.isExactWith7BitWeights)
  assert.match(check.failures[0], /^constant weights: \[1, 576\] x \[576, 40\]/)
})

test('arithmetic that is wrong by one in one sum is caught at any weight size', async () => {
  let sums = 0
  const check = await checkIntegerMatmul(cpuWithoutVnni((sum) => sum + (++sums % 997 === 0 ? 1 : 0)))
  assert.not.ok(check.isExact)
  assert.not.ok(check.isExactWith7BitWeights)
})

test.run()
