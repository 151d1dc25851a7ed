import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { GenerateRequest, GenerateStats } from '../../../src/api/types.js'
import { measureDrafts, QUESTIONS } from '../../../src/cli/tune/measure-drafts.js'
import type { Progress } from '../../../src/common/progress.js'
import { scriptedEngine } from '../../support/scripted-engine.js'

/** Answers of 40 tokens; by `quick` in half the steps, which take 1 ms each. The first two of each take a second. */
function timedEngine() {
  const engine = scriptedEngine()
  const seen: Record<string, number> = {}
  engine.generate = async function* (request: GenerateRequest) {
    engine.requests.push(request)
    const key = `${request.draft}, ${request.temperature}`
    seen[key] = (seen[key] ?? 0) + 1
    const steps = request.draft === 'quick' && request.temperature === 0 ? 20 : 40
    const stats = { tokens: 40, steps, decodeMs: seen[key] === 1 ? 1000 : steps } as GenerateStats
    yield { text: '', tokens: [], accepted: 0, stats }
  }
  return engine
}

test('texts are decoded by each draft in turns, plainly first, and the first of them does not count', async () => {
  const engine = timedEngine()
  const told: Progress[] = []
  const rates = await measureDrafts(engine, ['quick', 'slow'], (progress) => told.push(progress))
  assert.equal(
    engine.requests.slice(0, 6).map(({ draft, temperature }) => [draft, temperature]),
    [0, 0.8].flatMap((temperature) => ['none', 'quick', 'slow'].map((draft) => [draft, temperature])),
  )
  assert.is(engine.requests.length, 6 * (QUESTIONS + 1))
  const usual = { tokensPerStep: 1, msPerToken: 1, ratio: 1 }
  assert.equal(rates, [
    { draft: 'none', greedy: usual, sampled: usual },
    { draft: 'quick', greedy: { tokensPerStep: 2, msPerToken: 0.5, ratio: 2 }, sampled: usual },
    { draft: 'slow', greedy: usual, sampled: usual },
  ])
  assert.is(told.at(-1)!.done, told.at(-1)!.total)
})

test('all ways get the same question with the same seed, and each question another', async () => {
  const engine = timedEngine()
  await measureDrafts(engine, ['quick'], () => undefined)
  const asked = new Set(engine.requests.map(({ messages, seed }) => JSON.stringify([messages, seed])))
  assert.is(asked.size, QUESTIONS + 1)
})

test.run()
