/** The arena. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Core } from '../../src/core/index.js'
import { uniforms } from './support/builders.js'

test('blocks are aligned to 16 bytes and never overlap, whatever is freed in between', () => {
  const core = Core.load()
  const uniform = uniforms(1)
  const live: { at: number; bytes: number; mark: number }[] = []
  for (let i = 0; i < 3000; i++) {
    if (live.length > 40 || (live.length > 0 && uniform() < 0.45)) {
      const [block] = live.splice(Math.floor(uniform() * live.length), 1)
      assert.ok(
        core.u8(block.at, block.bytes).every((byte) => byte === block.mark),
        'a block was overwritten',
      )
      core.free(block.at)
    } else {
      const bytes = Math.floor(uniform() ** 3 * 5000)
      const at = core.alloc(bytes)
      assert.is(at % 16, 0)
      core.u8(at, bytes).fill(i & 255)
      live.push({ at, bytes, mark: i & 255 })
    }
  }
})

test('freed neighbours are joined, so that memory does not grow while the same work repeats', () => {
  const core = Core.load()
  const work = (): void => {
    const blocks = [100_000, 50, 300_000, 16, 70_000].map((bytes) => core.alloc(bytes))
    for (const i of [3, 0, 4, 1, 2]) core.free(blocks[i])
  }
  work()
  const bytes = core.memory.buffer.byteLength
  for (let i = 0; i < 200; i++) {
    work()
    const whole = core.alloc(450_000)
    core.free(whole)
  }
  assert.is(core.memory.buffer.byteLength, bytes)
})

test('memory grows for a large block, and views made on demand see it', () => {
  const core = Core.load()
  const at = core.alloc(40_000_000)
  core.f32(at, 10_000_000)[9_999_999] = 7
  assert.is(core.f32(at + 39_999_996, 1)[0], 7)
})

test('freeing twice, or what was never allocated, is refused and changes nothing', () => {
  const core = Core.load()
  const first = core.alloc(64)
  const second = core.alloc(64)
  core.free(first)
  assert.throws(() => core.free(first), /free/)
  for (const pointer of [0, 3, second + 1, second + 16, 1 << 30, -16])
    assert.throws(() => core.free(pointer), /pointer|free/)
  core.u8(second, 64).fill(9)
  assert.is(core.alloc(64), first)
  assert.ok(core.u8(second, 64).every((byte) => byte === 9))
})

test('asking for more than a wasm memory can hold is a clear error', () => {
  const core = Core.load()
  assert.throws(() => core.alloc(2 ** 32 - 1), /wasm memory cannot hold/)
  assert.throws(() => core.alloc(-1), /wasm memory cannot hold/)
  assert.throws(() => core.alloc(Number.NaN), /wasm memory cannot hold/)
  assert.ok(core.alloc(16) > 0)
})

test.run()
