import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Arena } from '../../src/core/arena.js'
import { CallArguments } from '../../src/core/call-arguments.js'
import { instantiate } from '../../src/core/wasm.js'
import { key, sampling, tree } from './support/builders.js'

function opened(): { arena: Arena; args: CallArguments } {
  const arena = new Arena(instantiate())
  const args = new CallArguments(arena)
  args.begin()
  return { arena, args }
}

test('each argument has room of its own, aligned to 16 bytes, until the next call begins', () => {
  const { arena, args } = opened()
  const [bytes, ints] = [args.u8(Uint8Array.of(1, 2, 3)), args.i32(Int32Array.of(-4, 5))]
  assert.is(ints - bytes, 16)
  assert.equal([...arena.u8(bytes, 3)], [1, 2, 3])
  assert.equal([...arena.i32(ints, 2)], [-4, 5])
  args.begin()
  assert.is(args.room(1), bytes)
})

test('what was staged stays readable when a call outgrows its block, and the old block is given back after', () => {
  const { arena, args } = opened()
  const first = args.i32(Int32Array.of(11, 12))
  const large = args.room(1 << 17)
  arena.u8(large, 1 << 17).fill(0xff)
  assert.equal([...arena.i32(first, 2)], [11, 12])
  args.begin()
  assert.is(args.room(1 << 17), large, 'the larger block serves from here on')
  assert.throws(() => arena.free(first), /free/)
})

test('sampling and key have the layout of the ABI', () => {
  const { arena, args } = opened()
  const view = (at: number): DataView => new DataView(arena.memory.buffer, at)
  const settings = args.sampling(sampling(0.75, { topK: 40, topP: 0.9, minP: 0.05 }))
  assert.equal(
    [0, 8, 16].map((at) => view(settings).getFloat64(at, true)),
    [0.75, 0.9, 0.05],
  )
  assert.is(view(settings).getInt32(24, true), 40)
  const noise = args.key(key(2n ** 64n + 0x1_0000_0002n, 3))
  assert.equal(
    [0, 4, 8].map((at) => view(noise).getUint32(at, true)),
    [2, 1, 3],
    'the low 64 bits of the seed, then the choice',
  )
})

test('a walk takes a tree with room for as many nodes as it has', () => {
  const { arena, args } = opened()
  const at = args.walk(tree([-1, 0, 0], [7, 8, 9]), sampling(0), key(1))
  assert.is(at.m, 3)
  assert.equal([...arena.i32(at.parents, 3)], [-1, 0, 0])
  assert.equal([...arena.i32(at.tokens, 3)], [7, 8, 9])
  assert.ok(args.room(1) - at.out >= 12)
})

test.run()
