/**
 * Every sampling feature alone and with every other, greedy and at temperature 0.8, on the micro pair with its drafts
 * and trees in turn: alone, among four and among sixteen requests with other features, each ends as plain decoding of
 * it by itself does.
 */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import express from 'express'
import { sequoia } from '../../adapters/express/index.js'
import type { Engine } from '../../src/api/types.js'
import { closeEngines, engineFor } from '../support/engines.js'
import { assertSpeculated, collect, newTotals } from '../support/equality.js'
import { listen, post } from '../support/http-app.js'
import { assertEachAsAlone, featureCases, plainOutcomes, shuffled } from '../support/sampling-features.js'

const features = suite('sampling features in a shared batch')
features.after(closeEngines)

const micro = (): Promise<Engine> => engineFor({ target: 'micro', maxBatch: 16 })

for (const together of [1, 4, 16]) {
  features(`all features and all pairs of them, ${together} at a time`, async () => {
    const engine = await micro()
    const { alone, pairs } = await featureCases(engine)
    const cases = shuffled([...alone, ...pairs], together)
    const plain = await plainOutcomes(engine, cases)
    const totals = newTotals()
    await assertEachAsAlone(engine, cases, plain, together, totals)
    const failed = [...plain.values()].filter((one) => one.failed).length
    console.log(
      `${cases.length} requests (${failed} end in a named error), ${together} at a time: ${JSON.stringify(totals)}`,
    )
    assert.ok(failed < 0.05 * cases.length, `${failed} of ${cases.length} requests ask for what cannot be`)
    assertSpeculated(totals)
    assert.is(engine.usage().slotsUsed, 0)
  })
}

features('several choices over HTTP, among other requests, are each the plain answer of that choice', async () => {
  const engine = await micro()
  const server = await listen(express().use('/v1', sequoia({ engine })))
  const others = shuffled((await featureCases(engine)).alone, 3).slice(0, 8)
  for (const temperature of [0, 0.8, 1.3]) {
    const running = Promise.all(others.map(({ request }) => collect(engine, request)))
    const reply = await post(`${server.url}/v1/completions`, {
      model: 'micro',
      prompt: 'This package is',
      n: 4,
      seed: 9,
      temperature,
      max_tokens: 32,
    })
    const { choices } = (await reply.json()) as { choices: { index: number; text: string }[] }
    assert.is(choices.length, 4)
    for (const { index, text } of choices) {
      assert.is(
        text,
        (
          await collect(engine, {
            prompt: 'This package is',
            maxTokens: 32,
            seed: 9,
            temperature,
            choice: index,
            draft: 'none',
          })
        ).text,
      )
    }
    await running
  }
  await server.close()
})

features.run()
