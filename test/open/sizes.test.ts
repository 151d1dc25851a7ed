/** How long texts may be, how many decode together, and the room that passes need for it. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { EngineOptions } from '../../src/api/types.js'
import { sizesFor, type EngineSizes } from '../../src/open/sizes.js'
import { InvalidArgumentError } from '../../src/spec/errors.js'
import { modelWith, optionsWith } from './support.js'

const model = modelWith()
/** Bytes of K and V a token. */
const TOKEN = 256
const sizes = (given: Partial<EngineOptions> = {}, draftModel: typeof model | null = null): Promise<EngineSizes> =>
  sizesFor(optionsWith(given), { choice: { kind: 'none' }, model, draftModel })
const refusal = async (given: Partial<EngineOptions>): Promise<InvalidArgumentError> => {
  const error: unknown = await sizes(given).catch((reason: unknown) => reason)
  assert.instance(error, InvalidArgumentError)
  return error as InvalidArgumentError
}

test('texts may be as long as the model was trained for, and eight decode together', async () => {
  const { maxContext, maxBatch, limits, target, memory } = await sizes()
  assert.equal([maxContext, maxBatch, memory], [512, 8, null])
  assert.equal(limits, { maxNodes: 64, maxDepth: 12, maxRows: 128 })
  assert.is(target.maxSlots, 512 + 64, 'a tree lies beside the longest text')
})

test('a pass has room for logits of all trees and of prompt rows beside them; a draft for trees alone', async () => {
  const { target, draft } = await sizes()
  assert.equal([target.maxLogitRows, draft.maxLogitRows], [128 + 32, 128])
  assert.is((await sizes({ maxBatch: 1 })).limits.maxRows, 64, 'one request has one tree')
})

test('a context beyond what the model was trained for is refused', async () => {
  const error = await refusal({ maxContext: 513 })
  assert.is(error.param, 'maxContext')
  assert.match(error.message, /513 is beyond what model "tiny" was trained for, 512 tokens/)
})

test('a limit on K/V memory lets in as many as fit at full length, the draft counted', async () => {
  const request = (100 + 64) * TOKEN
  const batch = async (requests: number, draft: typeof model | null = null): Promise<number> =>
    (await sizes({ maxContext: 100, kvBytes: Math.ceil(requests * request) }, draft)).maxBatch
  assert.equal([await batch(3.5), await batch(100), await batch(3.5, model)], [3, 8, 1])
})

test('a limit too small for one, or for those asked for, is refused with what would do', async () => {
  const request = (100 + 64) * TOKEN
  const one = await refusal({ maxContext: 100, kvBytes: 1000 })
  assert.is(one.param, 'kvBytes')
  assert.match(one.message, new RegExp(`too little for 1 request.* of 164 tokens at 256 bytes each; give ${request}`))
  const four = await refusal({ maxContext: 100, maxBatch: 4, kvBytes: 3 * request })
  assert.match(four.message, new RegExp(`give ${4 * request}, or less maxContext or maxBatch`))
})

test.run()
