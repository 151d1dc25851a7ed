/** Defaults of sampling as models' files state them. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Metadata } from '../../src/checkpoint/gguf/metadata.js'
import { ModelError } from '../../src/spec/errors.js'
import { endTokens, samplingOfConfig, samplingOfGguf } from '../../src/text/generation-config.js'

const sampling = (config: Record<string, unknown>): object => samplingOfConfig('generation_config.json', config)

test('what the file states is taken, under the names of a request', () => {
  const config = { do_sample: true, temperature: 0.7, top_p: 0.8, top_k: 20, min_p: 0.05, repetition_penalty: 1.05 }
  assert.equal(sampling({ ...config, max_length: 9 }), {
    temperature: 0.7,
    topP: 0.8,
    topK: 20,
    minP: 0.05,
    repetitionPenalty: 1.05,
  })
  assert.equal(sampling({ eos_token_id: 2 }), {})
  assert.equal(sampling({ temperature: null, top_k: -1 }), { topK: 0 })
})

test('a file that says to draw but not at which temperature means 1', () => {
  assert.equal(sampling({ do_sample: true, top_k: 64 }), { temperature: 1, topK: 64 })
  assert.equal(sampling({ do_sample: false, top_k: 64 }), { topK: 64 })
})

test('a value out of range is an error that names file and key', () => {
  for (const config of [{ temperature: -1 }, { top_p: 0 }, { top_k: 1.5 }, { min_p: 2 }, { repetition_penalty: '1' }])
    assert.throws(
      () => sampling(config),
      (error: unknown) =>
        error instanceof ModelError && error.message.includes(`generation_config.json: ${Object.keys(config)[0]} must`),
    )
})

test("a GGUF file's own keys say the same", () => {
  const metadata = new Metadata('m.gguf', {
    'general.sampling.temp': 0.6,
    'general.sampling.top_k': 40,
    'general.sampling.penalty_repeat': 1.1,
    'general.sampling.mirostat': 0,
  })
  assert.equal(samplingOfGguf(metadata), { temperature: 0.6, topK: 40, repetitionPenalty: 1.1 })
})

test('one end token, several or none', () => {
  assert.equal(endTokens({ eos_token_id: 2 }), [2])
  assert.equal(endTokens({ eos_token_id: [2, 7] }), [2, 7])
  assert.is(endTokens({}), null)
})

test.run()
