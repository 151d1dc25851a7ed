import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { BeyondEnd, decodeHeader } from '../../../src/checkpoint/gguf/header-bytes.js'

const [UINT8, INT16, BOOL, STRING, ARRAY, UINT64, FLOAT64] = [0, 3, 7, 8, 9, 10, 12]

const u32 = (value: number): Buffer => Buffer.from(Uint32Array.of(value).buffer)
const u64 = (value: number): Buffer => Buffer.from(BigUint64Array.of(BigInt(value)).buffer)
const text = (value: string | Buffer): Buffer => {
  const bytes = Buffer.from(value)
  return Buffer.concat([u64(bytes.length), bytes])
}
const entry = (key: string, type: number, ...value: Buffer[]): Buffer => Buffer.concat([text(key), u32(type), ...value])

const decodeMetadata = (bytes: Buffer, entries = 1): Record<string, unknown> =>
  decodeHeader(bytes, { entries, tensors: 0 }).metadata

test('a text keeps the byte order mark it begins with', () => {
  const list = entry('tokens', ARRAY, u32(STRING), u64(3), text('\ufeffusing'), text('\ufeff'), text('a\ufeff'))
  const { tokens, name } = decodeMetadata(Buffer.concat([list, entry('name', STRING, text('\ufeffx'))]), 2)
  assert.equal(tokens, ['\ufeffusing', '\ufeff', 'a\ufeff'])
  assert.is(name, '\ufeffx')
})

test('numbers of every width, truth values and lists in lists are read', () => {
  const bytes = Buffer.concat([
    entry('byte', UINT8, Buffer.of(255)),
    entry('short', INT16, Buffer.of(0xfe, 0xff)),
    entry('yes', BOOL, Buffer.of(1)),
    entry('large', UINT64, u64(2 ** 40)),
    entry('half', FLOAT64, Buffer.from(Float64Array.of(0.5).buffer)),
    entry('lists', ARRAY, u32(ARRAY), u64(2), u32(UINT8), u64(2), Buffer.of(1, 2), u32(UINT8), u64(0)),
  ])
  assert.equal(
    { ...decodeMetadata(bytes, 6) },
    {
      byte: 255,
      short: -2,
      yes: true,
      large: 2n ** 40n,
      half: 0.5,
      lists: [[1, 2], []],
    },
  )
})

test('a key named like a member of every object is an entry', () => {
  const entries = decodeMetadata(entry('__proto__', STRING, text('kept')))
  assert.ok(Object.hasOwn(entries, '__proto__'))
})

test('tensors follow the entries: name, sizes innermost first, type and place', () => {
  const tensor = Buffer.concat([text('a'), u32(2), u64(3), u64(2), u32(8), u64(2 ** 40)])
  const name = entry('name', STRING, text('abc'))
  const bytes = Buffer.concat([name, tensor, Buffer.alloc(5)])
  const { tensors, end } = decodeHeader(bytes, { entries: 1, tensors: 1 })
  assert.equal(tensors, [{ name: 'a', dims: [3, 2], type: 8, offset: 2 ** 40 }])
  assert.is(end, bytes.length - 5, 'the data are not looked at')
  const many = Buffer.concat([text('a'), u32(9), Buffer.alloc(99)])
  assert.throws(() => decodeHeader(many, { entries: 0, tensors: 1 }), /a tensor of 9 dimensions/)
})

test('bytes that end too early say how many are needed', () => {
  const whole = entry('name', STRING, text('abc'))
  for (let length = 0; length < whole.length; length++) {
    try {
      decodeMetadata(whole.subarray(0, length))
      assert.unreachable('decoded')
    } catch (error) {
      assert.instance(error, BeyondEnd)
      assert.ok((error as BeyondEnd).needs > length && (error as BeyondEnd).needs <= whole.length)
    }
  }
  assert.throws(() => decodeMetadata(whole, 2), /beyond its end/)
  assert.throws(() => decodeMetadata(entry('many', ARRAY, u32(UINT8), u64(2 ** 40))), /a list of .* beyond its end/)
})

test('a key twice, an unknown type and text that is not UTF-8 are refused with the reason', () => {
  const whole = entry('name', STRING, text('abc'))
  assert.throws(() => decodeMetadata(Buffer.concat([whole, whole]), 2), /the key "name" twice/)
  assert.throws(() => decodeMetadata(entry('odd', 99)), /unknown type 99/)
  assert.throws(() => decodeMetadata(entry('bad', STRING, text(Buffer.of(0xc3)))), TypeError)
})

test.run()
