import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { BLOCK, PrefixCache, type BlockRows } from '../../src/engine/prefix-cache.js'

const SIZE = 100
const rows = (mark: number): BlockRows => ({
  kv: new Uint8Array(SIZE).fill(mark),
  features: new Float32Array(0),
  draft: null,
})
const text = (start: number, blocks: number): number[] =>
  Array.from({ length: blocks * BLOCK }, (_, i) => start * 1000 + i)
const marks = (found: readonly BlockRows[]): number[] => found.map(({ kv }) => kv[0])

test('a prompt finds the blocks it shares with earlier texts, and only whole ones before its last token', async () => {
  const cache = new PrefixCache(10 * SIZE)
  const first = text(1, 3)
  await cache.insert(first, async (from) => rows(from / BLOCK))
  assert.equal(marks(cache.match([...first, 7])), [0, 1, 2])
  assert.equal(marks(cache.match(first)), [0, 1], 'the last token is computed')
  assert.equal(marks(cache.match([...first.slice(0, 2 * BLOCK), 5, ...first.slice(2 * BLOCK + 1), 7])), [0, 1])
  assert.equal(marks(cache.match([9, ...first])), [])
})

test('what two texts share is kept once', async () => {
  const cache = new PrefixCache(10 * SIZE)
  await cache.insert(text(1, 2), async () => rows(1))
  let read = 0
  await cache.insert([...text(1, 2), ...text(2, 1)], async () => {
    read++
    return rows(2)
  })
  assert.is(read, 1)
  assert.is(cache.bytes, 3 * SIZE)
})

test('the text least recently used goes first, from its end, and the bytes are never more than allowed', async () => {
  const cache = new PrefixCache(4 * SIZE)
  await cache.insert(text(1, 2), async () => rows(1))
  await cache.insert(text(2, 2), async () => rows(2))
  cache.match([...text(1, 2), 0])
  await cache.insert(text(3, 1), async () => rows(3))
  assert.is(cache.bytes, 4 * SIZE)
  assert.equal(marks(cache.match([...text(2, 2), 0])), [2])
  assert.equal(marks(cache.match([...text(1, 2), 0])), [1, 1])
  await cache.insert(text(4, 9), async () => rows(4))
  assert.equal(
    marks(cache.match([...text(4, 9), 0])),
    [4, 4, 4, 4],
    'a text that is too long is kept as far as it fits',
  )
  assert.is(cache.bytes, 4 * SIZE)
})

test('a cache of no bytes keeps nothing', async () => {
  const cache = new PrefixCache(0)
  await cache.insert(text(1, 2), async () => rows(1))
  assert.equal(cache.match([...text(1, 2), 0]), [])
})

test.run()
