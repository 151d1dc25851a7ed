/** Who sees whom. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { core, uniforms } from './support/builders.js'

function mask(visible: number[], parents: number[], slots: number[]): number[][] {
  const out = core.alloc(parents.length * visible.length)
  core.ancestorMask(Uint8Array.from(visible), Int32Array.from(parents), Int32Array.from(slots), out)
  const rows = parents.map((_, i) => [...core.u8(out + i * visible.length, visible.length)])
  core.free(out)
  return rows
}

test('a row sees the visible context, its ancestors and itself, not its siblings', () => {
  assert.equal(mask([1, 0, 0, 1, 0, 0], [-1, 0, 0, 1], [2, 5, 1, 4]), [
    [1, 0, 1, 1, 0, 0],
    [1, 0, 1, 1, 0, 1],
    [1, 1, 1, 1, 0, 0],
    [1, 0, 1, 1, 1, 1],
  ])
})

test('several roots make a forest: none sees another', () => {
  assert.equal(mask([1, 0, 0, 0], [-1, -1, 1], [1, 2, 3]), [
    [1, 1, 0, 0],
    [1, 0, 1, 0],
    [1, 0, 1, 1],
  ])
})

test('random forests agree with walking up from every node', () => {
  const uniform = uniforms(4)
  for (let round = 0; round < 50; round++) {
    const m = 1 + Math.floor(uniform() * 40)
    const slotCount = m + Math.floor(uniform() * 30)
    const visible = Array.from({ length: slotCount }, () => (uniform() < 0.4 ? 1 : 0))
    const parents = Array.from({ length: m }, (_, i) => Math.floor(uniform() * (i + 1)) - 1)
    const slots = Array.from({ length: slotCount }, (_, slot) => slot)
      .sort(() => uniform() - 0.5)
      .slice(0, m)
    const expected = parents.map((_, i) => {
      const row = [...visible]
      for (let node = i; node >= 0; node = parents[node]) row[slots[node]] = 1
      return row
    })
    assert.equal(mask(visible, parents, slots), expected)
  }
})

test('no rows, parents behind their children and slots outside are told apart', () => {
  assert.equal(mask([1, 1], [], []), [])
  assert.throws(() => mask([1, 1], [-1, 1], [0, 1]), /parents before children/)
  assert.throws(() => mask([1, 1], [-1], [2]), /out of range/)
})

test.run()
