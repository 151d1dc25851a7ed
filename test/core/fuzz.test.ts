/** The ABI under random arguments: a status or a result, never a trap, and the arena stays whole. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Core } from '../../src/core/index.js'
import { uniforms } from './support/builders.js'

const ROUNDS = 30_000
const ODD = [
  0,
  1,
  -1,
  2,
  3,
  7,
  8,
  64,
  1000,
  65536,
  2 ** 24,
  2 ** 31 - 1,
  -(2 ** 31),
  Number.NaN,
  Infinity,
  0.5,
  4096,
  4097,
]

test('30,000 calls with random arguments never trap and never return an unknown status', () => {
  const core = Core.load()
  const uniform = uniforms(77)
  const pick = <T>(from: readonly T[]): T => from[Math.floor(uniform() * from.length)]
  // Blocks with plausible and implausible contents: pointers into them make calls get past the first checks.
  const blocks = Array.from({ length: 12 }, () => core.alloc(4096))
  const fill = (): void => {
    const at = pick(blocks)
    const kind = Math.floor(uniform() * 4)
    if (kind === 0)
      core
        .f32(at, 1024)
        .forEach(
          (_, i, view) => (view[i] = uniform() < 0.05 ? pick([Number.NaN, Infinity, -Infinity]) : uniform() * 20 - 10),
        )
    else if (kind === 1)
      core.i32(at, 1024).forEach((_, i, view) => (view[i] = i === 0 ? -1 : Math.floor(uniform() * Math.min(i, 5))))
    else if (kind === 2) core.f64(at, 512).forEach((_, i, view) => (view[i] = uniform()))
    else core.u8(at, 4096).forEach((_, i, view) => (view[i] = uniform() * 256))
  }
  const argument = (): number => {
    const choice = uniform()
    if (choice < 0.55) return pick(blocks) + (uniform() < 0.1 ? Math.floor(uniform() * 9000) - 4500 : 0)
    if (choice < 0.9) return Math.floor(uniform() * 12)
    return pick(ODD)
  }
  const exported = Object.entries(core.wasm).filter(
    ([name, value]) => typeof value === 'function' && !['alloc', 'free', 'abi_version'].includes(name),
  ) as [string, (...args: number[]) => number][]
  const seen = new Map<string, number>()
  for (let round = 0; round < ROUNDS; round++) {
    if (round % 3 === 0) fill()
    const [name, call] = pick(exported)
    const args = Array.from({ length: call.length }, argument)
    let status = 0
    try {
      status = call(...args)
    } catch (error) {
      assert.unreachable(`${name}(${args.join(', ')}) trapped: ${String(error)}`)
    }
    assert.ok(status >= -5, `${name} gave ${status}`)
    if (status >= 0) seen.set(name, (seen.get(name) ?? 0) + 1)
  }
  for (const at of blocks) core.free(at)
  const whole = core.alloc(12 * 4096)
  assert.is(core.u8(whole, 12 * 4096).length, 12 * 4096)
})

test('an array may end where its block ends, and not one item later', () => {
  const core = Core.load()
  const logits = core.alloc(64)
  const behind = core.alloc(64)
  const sampling = core.alloc(32)
  const key = core.alloc(16)
  core.u8(sampling, 32).fill(0)
  core.f32(logits, 16).fill(0)
  assert.is(core.wasm.choose_token(logits, 16, sampling, key, 0), 0)
  assert.is(core.wasm.choose_token(logits, 17, sampling, key, 0), -2)
  assert.is(core.wasm.choose_token(logits, 2 ** 24 + 1, sampling, key, 0), -1)
  assert.is(core.wasm.choose_token(logits - 16, 4, sampling, key, 0), -2)
  core.free(behind)
  assert.is(core.wasm.choose_token(behind, 4, sampling, key, 0), -2)
})

test.run()
