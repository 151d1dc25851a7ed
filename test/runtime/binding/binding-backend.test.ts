// @process native
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { BindingBackend } from '../../../src/runtime/binding/binding-backend.js'
import { PassInputs } from '../../../src/runtime/pass-inputs.js'
import type { NamedTensor } from '../../../src/runtime/tensor.js'
import { backendConformance } from '../backend-conformance.js'
import { STAND_IN } from '../../support/stand-in-device.js'
import { chain, pass } from '../passes.js'
import { TOY, writeToyGraph } from '../toy-graph.js'

backendConformance('binding', BindingBackend.open)

const output = (name: string, ...dims: number[]): NamedTensor => ({
  name,
  type: 'float32',
  data: new Float32Array(dims.reduce((product, size) => product * size)),
  dims,
})

test('passes with and without hidden states, over one cache and another, have the same logits', async () => {
  const { graphPath, info } = writeToyGraph('int8')
  const backend = await BindingBackend.open(graphPath, 1)
  const inputs = new PassInputs(backend.inputNames)
  const found: Float32Array[] = []
  for (const withHidden of [false, true, false]) {
    const cache = backend.newCache(info.kv, { slots: 16, lanes: 1 })
    inputs.fill(pass([chain([3, 1, 4])]), cache)
    const logits = output('logits', 3, TOY.vocab)
    const hidden = output('hidden', 1, 3, TOY.hidden)
    await backend.run({
      inputs: inputs.tensors,
      outputs: withHidden ? [logits, hidden] : [logits],
      cache,
      slots: inputs.slots,
    })
    assert.is(hidden.data.some(Boolean), withHidden)
    found.push(logits.data as Float32Array)
    cache.dispose()
  }
  assert.ok(found[0].some((logit) => logit !== 0))
  assert.equal(found[1], found[0])
  assert.equal(found[2], found[0])
  await backend.dispose()
})

test('a device that is apart has its own stores, and is good at many rows', async () => {
  const { graphPath, info } = writeToyGraph('int8')
  const backend = await BindingBackend.open(graphPath, 1, STAND_IN)
  assert.equal(backend.traits, { rowsPerPass: 64, isSlow: false, isWide: true })
  const cache = backend.newCache(info.kv, { slots: 16, lanes: 1 })
  assert.is(cache.isByLane, true)
  cache.dispose()
  await backend.dispose()
  assert.is(backend.memory!.counts.blocks, 0)
})

test('a graph that its device does not compute is refused, with the nodes and who computes them', async () => {
  const { graphPath } = writeToyGraph('int8')
  const elsewhere = { ...STAND_IN, provider: 'CUDAExecutionProvider' }
  const error = await BindingBackend.open(graphPath, 1, elsewhere).then(() => null, String)
  assert.match(String(error), /not computed by CUDAExecutionProvider as a whole: \w+ \(\w+, CPUExecutionProvider\)/)
})

test.run()
