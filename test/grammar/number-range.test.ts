/** Expressions for numbers within bounds, held against JavaScript's own comparison of the numbers that are written. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ANY_NUMBER, boundOf, integerRange, numberRange } from '../../src/grammar/number-range.js'
import { matcher } from './support/expression.js'

test('whole numbers are taken exactly between their bounds', () => {
  const edges = [-1000, -120, -99, -10, -9, -1, 0, 1, 9, 10, 99, 100, 101, 120, 999, 1000, 1234]
  for (const least of [null, ...edges])
    for (const most of [null, ...edges]) {
      if (least !== null && most !== null && least > most) continue
      const takes = matcher(integerRange(least, most))
      for (const x of edges.flatMap((edge) => [edge - 1, edge, edge + 1])) {
        const inside = (least === null || x >= least) && (most === null || x <= most)
        assert.is(takes(String(x)), inside, `${x} in ${least}..${most}`)
      }
    }
})

test('whole numbers have no leading zeros, no point, no minus before zero, and 15 digits without bounds', () => {
  const takes = matcher(integerRange(null, null))
  for (const text of ['00', '01', '-0', '-', '', '1.0', '1e3', '+1']) assert.not(takes(text), text)
  assert.ok(takes('9'.repeat(15)) && takes(`-${'9'.repeat(15)}`))
  assert.not(takes('1'.padEnd(16, '0')))
})

test('a range of whole numbers up to the largest bound has all its numbers', () => {
  const takes = matcher(integerRange(0, 1e15))
  for (const x of ['0', '999999999999999', '1000000000000000']) assert.ok(takes(x), x)
  assert.not(takes('1000000000000001'))
})

test('decimals are taken exactly between their bounds', () => {
  const bounds = [-12.5, -3, -0.25, 0, 0.1, 0.25, 1, 1.25, 1.75, 9.99, 10, 12.5]
  const texts = bounds.flatMap((x) => [x - 0.01, x, x + 0.01, x + 0.0001].map((y) => String(Number(y.toFixed(6)))))
  texts.push('1.50', '2.000', '-0.30', '11', '-7')
  for (const least of bounds)
    for (const most of bounds.filter((bound) => bound >= least))
      for (const [openLow, openHigh] of [
        [false, false],
        [true, false],
        [false, true],
      ]) {
        if (least === most && (openLow || openHigh)) continue
        const expression = numberRange(boundOf(least, openLow), boundOf(most, openHigh))
        assert.ok(expression !== null)
        const takes = matcher(expression)
        for (const text of texts.filter((one) => one !== '-0')) {
          const x = Number(text)
          const inside = (openLow ? x > least : x >= least) && (openHigh ? x < most : x <= most)
          const range = `${openLow ? '(' : '['}${least}, ${most}${openHigh ? ')' : ']'}`
          assert.is(takes(text), inside, `${text} in ${range}`)
        }
      }
})

test('no number lies between a bound and itself where one side is exclusive', () => {
  assert.is(numberRange(boundOf(1.5, true), boundOf(1.5, false)), null)
  assert.is(numberRange(boundOf(-2, false), boundOf(-2, true)), null)
})

test('a bound has the digits of its number, whatever exponent it is spelled with', () => {
  assert.equal(boundOf(-0.5, true), { negative: true, whole: '0', decimals: '5', exclusive: true })
  assert.equal(boundOf(1e-7, false), { negative: false, whole: '0', decimals: '0000001', exclusive: false })
  assert.equal(boundOf(120, false), { negative: false, whole: '120', decimals: '', exclusive: false })
  assert.is(boundOf(1e21, false)!.whole, `1${'0'.repeat(21)}`)
  assert.ok(boundOf(1e-15, false))
  assert.is(boundOf(1e-16, false), null)
})

test('beside an exclusive bound no number is so long that a double rounds it to the bound', () => {
  const takes = matcher(numberRange(boundOf(0.5, true), null)!)
  assert.ok(takes('0.50000000000001'))
  const longest = `0.5${'0'.repeat(16)}1`
  assert.is(Number(longest), 0.5)
  assert.not(takes(longest))
})

test('a number without bounds may have decimals and an exponent, and is JSON', () => {
  const takes = matcher(ANY_NUMBER)
  for (const text of ['0', '-0.5', '7', '1e10', '1.25E-3', '-12.0e+9']) {
    assert.ok(takes(text), text)
    JSON.parse(text)
  }
  for (const text of ['', '-', '01', '.5', '1.', '1e', '+1', '1e123']) assert.not(takes(text), text)
})

test.run()
