/**
 * Sampling through the batched path draws from the target's law, by either rule: 4,000 answers of each of six settings
 * at three temperatures, mixed in a batch of sixteen. Noise is fixed; each G-test has a false-alarm rate of 1e-4, under
 * two in a thousand for the file.
 */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { fitBatchedDraws, labelOf } from '../support/batched-draws.js'
import { closeEngines, engineFor } from '../support/engines.js'

const sampling = suite('sampling in a shared batch')
sampling.after(closeEngines)

for (const temperature of [0.6, 0.8, 1]) {
  sampling(
    `around temperature ${temperature}, two tokens have the law that the target gives them, and not that of ` +
      'another temperature',
    async () => {
      const fits = await fitBatchedDraws(await engineFor({ target: 'micro', maxBatch: 16 }), 4000, temperature)
      for (const fit of fits) console.log(labelOf(fit))
      for (const fit of fits) {
        assert.ok(fit.df >= 4 && fit.g < fit.limit, labelOf(fit))
        assert.ok(fit.wrongG > 2 * fit.limit, `a wrong law went unnoticed: ${labelOf(fit)}`)
      }
    },
  )
}

sampling.run()
