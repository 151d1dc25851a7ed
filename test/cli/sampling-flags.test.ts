/** Flags of sampling as fields of a request, and a model's defaults in the flags' words. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { samplingFields, samplingText } from '../../src/cli/sampling-flags.js'

test('flags are fields; what is left out is left to the model', () => {
  const { temperature, topK, maxTokens } = samplingFields({ temperature: 0.5, 'top-k': 3 })
  assert.equal([temperature, topK, maxTokens], [0.5, 3, undefined])
})

test("a model's defaults are told by the names of flags", () => {
  assert.is(
    samplingText({ temperature: 0.6, topP: 0.95, repetitionPenalty: 1.1 }),
    'temperature 0.6, top-p 0.95, repetition-penalty 1.1',
  )
})

test.run()
