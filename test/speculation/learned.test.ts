import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { fromJson, readLearned, toJson, type Learned } from '../../src/speculation/learned.js'
import { tempFolder } from '../support/temp-folder.js'

const DAY_MS = 24 * 3600 * 1000
const FIRST = {
  greedy: [
    [0.5, 0.1],
    [0.4, 0.2],
  ],
  sampled: [[0.4, 0.1]],
}
const LEARNED: Learned = {
  acceptance: {
    greedy: [Float64Array.of(0.9, 0.1), Float64Array.of(0.8, 0)],
    sampled: [Float64Array.of(0.2, 0.3)],
  },
  meters: { 0: { model: { factor: 1.4, count: 200 }, guess: { factor: 1, count: 8 } } },
  balances: { one: { loss: -8, rests: false }, other: { loss: 4, rests: true } },
}

const written = (at: number): unknown => JSON.parse(JSON.stringify(toJson(LEARNED, at)))

test('what was written a moment ago is read as it was', () => {
  assert.equal(fromJson(written(1000), FIRST, 1000), LEARNED)
  assert.equal(fromJson(written(1000), FIRST, 0), LEARNED, 'clocks may be set back')
})

test('after a month half of it is left, and after years nothing', () => {
  const half = fromJson(written(0), FIRST, 30 * DAY_MS)!
  assert.equal(Array.from(half.acceptance.greedy[0]), [0.7, 0.1])
  assert.equal(half.meters[0].model, { factor: 1.2, count: 100 })
  assert.equal(half.balances, { one: { loss: -4, rests: false }, other: { loss: 2, rests: true } })
  const old = fromJson(written(0), FIRST, 9000 * DAY_MS)!
  assert.ok(Math.abs(old.acceptance.greedy[0][0] - 0.5) < 1e-9)
  assert.ok(Math.abs(old.meters[0].model.factor - 1) < 1e-9)
})

test('a file that is absent, damaged, of another version or about another draft counts for nothing', async () => {
  const path = join(tempFolder(), 'learned.json')
  assert.is(await readLearned(path, FIRST, 0), null)
  const whole = written(0) as Record<string, unknown>
  const meter = (factor: unknown, count: unknown = 1): object => ({
    ...whole,
    meters: { 0: { model: { factor, count }, guess: { factor: 1, count: 8 } } },
  })
  const damaged: unknown[] = [
    { ...whole, version: 0 },
    { ...whole, at: null },
    { ...whole, acceptance: {} },
    { ...whole, acceptance: { greedy: [[0.9, 0.1]], sampled: [[0.2, 0.3]] } },
    { ...whole, acceptance: { greedy: [[0.9], [0.8]], sampled: [[0.2]] } },
    {
      ...whole,
      acceptance: {
        greedy: [
          [1.1, 0],
          [0, 0],
        ],
        sampled: [[0, 0]],
      },
    },
    { ...whole, meters: [] },
    { ...whole, meters: { 0: { model: { factor: 1, count: 1 } } } },
    meter(0),
    meter(1000),
    meter('1'),
    meter(1, -1),
    { ...whole, balances: { one: { loss: null, rests: true } } },
    { ...whole, balances: { one: { loss: 1 } } },
  ]
  for (const text of ['', '[]', JSON.stringify(whole).slice(0, 40), ...damaged.map((one) => JSON.stringify(one))]) {
    writeFileSync(path, text)
    assert.is(await readLearned(path, FIRST, 0), null, text)
  }
  writeFileSync(path, JSON.stringify(whole))
  assert.equal(await readLearned(path, FIRST, 0), LEARNED)
})

test.run()
