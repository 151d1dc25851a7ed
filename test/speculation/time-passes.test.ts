// @process own
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { rising } from '../../src/speculation/time-passes.js'
import { InvalidArgumentError, SequoiaError } from '../../src/index.js'
import { closeEngines, engineFor } from '../support/engines.js'
import { collect } from '../support/equality.js'
import { tempFolder } from '../support/temp-folder.js'

test.after(closeEngines)

test('times that rise are kept', () => {
  assert.equal(rising([1, 1.5, 2, 8]), [1, 1.5, 2, 8])
})

test('a pass of more rows that took less, by noise, and its neighbours count as their mean', () => {
  assert.equal(rising([1, 4, 2, 3, 8]), [1, 3, 3, 3, 8])
  assert.equal(rising([3, 2, 1]), [2, 2, 2])
})

test('passes are timed anew while nothing runs; a request that comes meanwhile waits and gets its text', async () => {
  const alone = { target: 'micro', cacheDir: tempFolder() }
  const engine = await engineFor(alone)
  const request = { prompt: 'This package is', maxTokens: 20, temperature: 0 }
  const { text } = await collect(engine, request)
  const before = engine.tuning()
  const [answer] = await Promise.all([collect(engine, request), engine.calibrate().catch(refusal)])
  assert.is(answer.text, text)
  const [, late] = await Promise.all([engine.calibrate(), collect(engine, request)])
  assert.is(late.text, text)
  const after = engine.tuning()
  assert.not.equal(after.target.ms, before.target.ms)
  assert.not.equal(after.draft!.ms, before.draft!.ms)
  const { info } = await engineFor({ ...alone, maxBatch: 2 })
  assert.is(info.plan, engine.tuning().summary, 'engines opened later start from it')
})

test('passes are not timed while a request runs', async () => {
  const engine = await engineFor({ target: 'micro' })
  const answer = engine.generate({ prompt: 'This package is', maxTokens: 20 })[Symbol.asyncIterator]()
  await answer.next()
  try {
    await engine.calibrate()
    assert.unreachable('it was timed')
  } catch (error) {
    refusal(error as Error)
  }
  await answer.return!()
  await engine.calibrate({ rounds: 1 })
  const wrong: unknown = await engine.calibrate({ rounds: 0 }).catch((error: unknown) => error)
  assert.ok(wrong instanceof InvalidArgumentError && wrong.param === 'rounds', String(wrong))
})

function refusal(error: Error): void {
  assert.instance(error, SequoiaError)
  assert.is((error as SequoiaError).code, 'overloaded')
  assert.match(error.message, /1 request\(s\) do/)
}

test.run()
