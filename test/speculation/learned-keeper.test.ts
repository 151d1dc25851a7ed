import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Keeper, learnedPath, STEPS_PER_WRITE } from '../../src/speculation/learned-keeper.js'
import { readLearned } from '../../src/speculation/learned.js'
import type { Speculation } from '../../src/speculation/speculation.js'
import { rootTree } from '../../src/strategies/tree.js'
import { tempFolder } from '../support/temp-folder.js'
import { drafterOf, speculationOf } from './support/builders.js'

const ACCEPTANCE = [[0.6, 0.15]]
const FIRST = { greedy: ACCEPTANCE, sampled: ACCEPTANCE }

function decode(speculation: Speculation, steps: number): void {
  const sampling = { temperature: 0, topK: 0, topP: 1, minP: 0 }
  const state = speculation.begin({ sampling, maxNodes: 64 }, drafterOf(), 0)
  for (let i = 0; i < steps; i++)
    speculation.observe([{ state, tree: rootTree(0), path: new Int32Array(0), emitted: 1, context: 10 }], 10)
}

test('at the end all is written, once; where nothing was decoded, nothing', async () => {
  const path = join(tempFolder(), 'learned.json')
  const kept: string[] = []
  const speculation = speculationOf(ACCEPTANCE)
  const keeper = new Keeper(speculation, path, [{ keep: async () => void kept.push('times') }], () => 5)
  await keeper.keep()
  assert.is(await readLearned(path, FIRST, 5), null)
  decode(speculation, 3)
  await Promise.all([keeper.keep(), keeper.keep()])
  assert.equal(await readLearned(path, FIRST, 5), JSON.parse(JSON.stringify(speculation.learned), revived))
  assert.equal(kept, ['times'])
})

test('while decoding goes on it is written every so many steps', async () => {
  const path = join(tempFolder(), 'learned.json')
  const speculation = speculationOf(ACCEPTANCE)
  const keeper = new Keeper(speculation, path, [], () => 5)
  decode(speculation, STEPS_PER_WRITE - 1)
  keeper.keepUp()
  decode(speculation, 1)
  keeper.keepUp()
  await keeper.keep()
  assert.is((JSON.parse(readFileSync(path, 'utf8')) as { at: number }).at, 5)
  rmSync(path)
  keeper.keepUp()
  await keeper.keep()
  assert.is(await readLearned(path, FIRST, 5), null, 'nothing has come since')
})

test('without a place for what was learned the times are kept', async () => {
  const kept: string[] = []
  const speculation = speculationOf(ACCEPTANCE)
  decode(speculation, 1)
  await new Keeper(speculation, null, [{ keep: async () => void kept.push('times') }], () => 5).keep()
  assert.equal(kept, ['times'])
})

test('a damaged file is written anew', async () => {
  const path = join(tempFolder(), 'learned.json')
  writeFileSync(path, '{"version":1,')
  const speculation = speculationOf(ACCEPTANCE)
  decode(speculation, 1)
  await new Keeper(speculation, path, [], () => 5).keep()
  assert.ok(await readLearned(path, FIRST, 5))
})

test('each planner, target and draft has a file of its own', () => {
  const paths = [
    learnedPath('/cache', 'sequoia', [{ key: 'a' }]),
    learnedPath('/cache', 'sequoia', [{ key: 'a' }, { key: 'b' }]),
    learnedPath('/cache', 'dynamic', [{ key: 'a' }]),
  ]
  assert.is(new Set(paths).size, 3)
})

/** Typed arrays are written as objects by `JSON.stringify`. */
function revived(key: string, value: unknown): unknown {
  const isLevel =
    /^\d+$/.test(key) && typeof value === 'object' && value !== null && '1' in value && !('model' in value)
  return isLevel ? Float64Array.from(Object.values(value as Record<string, number>)) : value
}

test.run()
