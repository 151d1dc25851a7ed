import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { float16ToFloat32, float32ToFloat16 } from '../../src/common/half.js'

const half = (value: number): number => float32ToFloat16(Float32Array.of(value))[0]

test('every half comes back from float32 as it was', () => {
  const codes = Array.from({ length: 1 << 16 }, (_, code) => code).filter(
    (code) => !Number.isNaN(float16ToFloat32(code)),
  )
  assert.is(codes.length, 65_536 - 2 * 1023)
  assert.equal([...float32ToFloat16(Float32Array.from(codes, float16ToFloat32))], codes)
})

test('what lies between two halves goes to the nearer one, and from the middle to the even one', () => {
  for (const code of [0x0000, 0x0001, 0x03fe, 0x03ff, 0x0400, 0x3bff, 0x3c00, 0x7bfe]) {
    const [low, high] = [float16ToFloat32(code), float16ToFloat32(code + 1)]
    const middle = (low + high) / 2
    assert.is(half(middle), code % 2 === 0 ? code : code + 1, `the middle after ${code}`)
    assert.is(half(low + (high - low) * 0.49), code)
    assert.is(half(low + (high - low) * 0.51), code + 1)
    assert.is(half(-middle), half(middle) | 0x8000)
  }
})

test('what is too large becomes infinite, what is no number stays none', () => {
  assert.equal([65_504, 65_519, 65_520, 1e10, -Infinity].map(half), [0x7bff, 0x7bff, 0x7c00, 0x7c00, 0xfc00])
  assert.ok(Number.isNaN(float16ToFloat32(half(NaN))))
  assert.equal([0, -0].map(half), [0, 0x8000])
})

test.run()
