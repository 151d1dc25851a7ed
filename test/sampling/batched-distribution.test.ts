// @process native
/**
 * Sampling through the batched path draws from the target's law, by either rule: 240 answers of each of six settings,
 * mixed in a batch of sixteen. Noise is fixed; each G-test has a false-alarm rate of 1e-4, under one in a thousand for
 * the file. `npm run acceptance -- batched` draws more, at higher temperatures too.
 */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { fitBatchedDraws, labelOf } from '../support/batched-draws.js'
import { closeEngines, engineFor } from '../support/engines.js'

const sampling = suite('sampling in a shared batch')
sampling.after(closeEngines)

sampling('two tokens have the law that the target gives them, and not that of another temperature', async () => {
  for (const fit of await fitBatchedDraws(await engineFor({ target: 'micro', maxBatch: 16 }), 240, 0.55)) {
    assert.ok(fit.df > 3 && fit.g < fit.limit, labelOf(fit))
    assert.ok(fit.wrongG > fit.limit, `a wrong law went unnoticed: ${labelOf(fit)}`)
  }
})

sampling.run()
