// @process native
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { InvalidArgumentError, openEngine, SequoiaError } from '../../src/index.js'
import { closeEngines, engineFor } from '../support/engines.js'
import { collect } from '../support/equality.js'
import { tempFolder } from '../support/temp-folder.js'

test.after(closeEngines)

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
  await engine.calibrate()
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

test('what was learned is kept with the times; files that were damaged since are written anew', async () => {
  const options = { target: 'micro', cacheDir: tempFolder(), maxBatch: 1 }
  const files = (): string[] =>
    ['profiles', 'learned'].flatMap((folder) =>
      readdirSync(join(options.cacheDir, folder)).map((name) => join(options.cacheDir, folder, name)),
    )
  const contents = (): string[] => files().map((path) => readFileSync(path, 'utf8'))
  const request = { prompt: 'This package is', maxTokens: 60, temperature: 0 }
  const texts: string[] = []
  for (const isDamaged of [false, true]) {
    if (isDamaged) for (const path of files()) writeFileSync(path, '{"rows":[1')
    const engine = await openEngine(options)
    texts.push((await collect(engine, request)).text)
    await engine.close()
    assert.is(contents().length, 3, "the target's times, the draft's, and what was learned of both")
    for (const text of contents()) JSON.parse(text)
    assert.is(contents().filter((text) => text.includes('"acceptance"')).length, 1)
    assert.ok(
      contents().some((text) => text.includes('"seen"')),
      'passes in use count',
    )
  }
  assert.is(texts[1], texts[0])
})

function refusal(error: Error): void {
  assert.instance(error, SequoiaError)
  assert.is((error as SequoiaError).code, 'overloaded')
  assert.match(error.message, /1 request\(s\) do/)
}

test.run()
