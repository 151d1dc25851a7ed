import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeMetadata } from '../../../src/checkpoint/gguf/metadata-bytes.js'

const [UINT8, INT16, BOOL, STRING, ARRAY, UINT64, FLOAT64] = [0, 3, 7, 8, 9, 10, 12]

const u32 = (value: number): Buffer => Buffer.from(Uint32Array.of(value).buffer)
const u64 = (value: number): Buffer => Buffer.from(BigUint64Array.of(BigInt(value)).buffer)
const text = (value: string | Buffer): Buffer => {
  const bytes = Buffer.from(value)
  return Buffer.concat([u64(bytes.length), bytes])
}
const entry = (key: string, type: number, ...value: Buffer[]): Buffer => Buffer.concat([text(key), u32(type), ...value])

test('a text keeps the byte order mark it begins with', () => {
  const list = entry('tokens', ARRAY, u32(STRING), u64(3), text('\ufeffusing'), text('\ufeff'), text('a\ufeff'))
  const { tokens, name } = decodeMetadata(Buffer.concat([list, entry('name', STRING, text('\ufeffx'))]))
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
    { ...decodeMetadata(bytes) },
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

test('bytes that do not hold whole entries are refused with the reason', () => {
  const whole = entry('name', STRING, text('abc'))
  assert.throws(() => decodeMetadata(whole.subarray(0, -1)), /a length of 3 beyond its end/)
  assert.throws(() => decodeMetadata(Buffer.concat([whole, whole])), /the key "name" twice/)
  assert.throws(() => decodeMetadata(Buffer.concat([whole, Buffer.of(0)])), RangeError)
  assert.throws(() => decodeMetadata(entry('odd', 99)), /unknown type 99/)
  assert.throws(() => decodeMetadata(entry('bad', STRING, text(Buffer.of(0xc3)))), TypeError)
  assert.throws(() => decodeMetadata(entry('many', ARRAY, u32(UINT8), u64(2 ** 40))), /beyond its end/)
})

test.run()
