/** How a budget of memory is shared out. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { shareOut, type MemoryRequest } from '../../../src/open/budget/share-out.js'
import type { MemoryPlan } from '../../../src/api/types.js'
import { InvalidArgumentError } from '../../../src/spec/errors.js'
import { plainSpec } from '../../../src/architectures/plain.js'
import { randomShape } from '../../support/random-llama.js'

/** A 7B Llama and a 160M draft. */
const shape = {
  ...randomShape,
  vocab: 32_000,
  hidden: 4096,
  inner: 11_008,
  layers: 32,
  heads: 32,
  kvHeads: 8,
  headDim: 128,
  maxPositions: 4096,
}
const draftShape = {
  ...shape,
  hidden: 768,
  inner: 3072,
  layers: 12,
  heads: 12,
  kvHeads: 12,
  headDim: 64,
}
const request: MemoryRequest = {
  budgetBytes: 2e9,
  target: {
    spec: plainSpec(shape),
    fixedBytes: 140e6,
    kvBytesPerToken: 32 * 1024 * 5,
    featureWidth: 0,
    layerBytes: 177e6,
    spreadBytes: 0,
  },
  draft: { spec: plainSpec(draftShape), fixedBytes: 160e6, kvBytesPerToken: 12 * 768 * 5, featureWidth: 0 },
  extraBytes: 0,
  usualBatch: 8,
}

function refusal(given: MemoryRequest): InvalidArgumentError {
  try {
    shareOut(given)
  } catch (error) {
    if (error instanceof InvalidArgumentError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

const spent = ({ bytes }: MemoryPlan): number => Object.values(bytes).reduce((sum, part) => sum + part, 0)

test('no budget is spent beyond itself, and more of it never keeps fewer layers than all others left it', () => {
  for (let budgetBytes = 1.2e9; budgetBytes < 12e9; budgetBytes *= 1.07) {
    const plan = shareOut({ ...request, budgetBytes })
    assert.ok(spent(plan) <= budgetBytes, `${spent(plan)} of ${budgetBytes}`)
    assert.ok(
      plan.residentLayers === shape.layers || budgetBytes - spent(plan) < request.target.layerBytes,
      'what is left would hold another layer',
    )
    assert.ok(plan.maxContext + plan.maxNodes <= plan.cells && plan.maxNodes < plan.passRows)
  }
})

test("2 GB hold a 7B model's trees of hundreds of nodes; with room for all, all layers stay", () => {
  const plan = shareOut(request)
  assert.ok(plan.maxNodes >= 128, `${plan.maxNodes}`)
  assert.ok(plan.residentLayers > 0 && plan.residentLayers < shape.layers)
  assert.is(shareOut({ ...request, budgetBytes: 16e9 }).residentLayers, shape.layers)
})

test('the least budget that a refusal names would do, and less would not', () => {
  const error = refusal({ ...request, budgetBytes: 5e8 })
  assert.is(error.param, 'memory')
  const least = 1e6 * Number(/give at least ([\d.]+) MB/.exec(error.message)![1])
  assert.is.not(shareOut({ ...request, budgetBytes: least }).residentLayers, -1)
  refusal({ ...request, budgetBytes: least - 1.1e6 })
})

test('a context that is asked for has its room before layers, and a ceiling on K/V is kept', () => {
  const long = shareOut({ ...request, maxContext: 4096, budgetBytes: 3e9 })
  assert.is(long.maxContext, 4096)
  assert.ok(long.cells >= 4096 + long.maxNodes)
  const bound = shareOut({ ...request, kvBytes: 150e6 })
  assert.ok(bound.bytes.kv <= 150e6 && bound.residentLayers >= shareOut(request).residentLayers)
})

test.run()
