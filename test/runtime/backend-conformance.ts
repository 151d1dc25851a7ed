/** What every backend of a whole graph promises of one pass: a suite of each runs it over its own. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Backend } from '../../src/runtime/backend.js'
import { bytesPerToken, ELEMENT_BYTES, type KvShape } from '../../src/runtime/kv/store.js'
import { PassInputs } from '../../src/runtime/pass-inputs.js'
import { pass } from './passes.js'
import { TOY, writeToyGraph } from './toy-graph.js'

const LANES = 3
const PATTERN = 0x3c
const { graphPath, info } = writeToyGraph('int8')

/** Adds its tests to the suite of the backend that `open` opens over a graph, with so many threads. */
export function backendConformance(name: string, open: (graphPath: string, threads: number) => Promise<Backend>): void {
  test(`${name}: a pass changes the rows it writes, where they lie, and not a byte beside them`, async () => {
    const backend = await open(graphPath, 2)
    const cache = backend.newCache(info.kv, { slots: 64, lanes: LANES })
    const all = Int32Array.from({ length: 64 }, (_, slot) => slot)
    const rowBytes = bytesPerToken(info.kv)
    const pattern = new Uint8Array(64 * rowBytes).fill(PATTERN)
    for (let lane = 0; lane < LANES; lane++) await cache.write({ lane, slots: all }, pattern)
    const input = pass([
      { tokens: [1, 2], slots: [9, 4], parents: [-1, 0], lane: 0 },
      { tokens: [7], slots: [20], parents: [-1], lane: 2 },
    ])
    const inputs = new PassInputs(backend.inputNames)
    inputs.fill(input, cache)
    const logits = {
      name: 'logits',
      type: 'float32' as const,
      data: new Float32Array(3 * TOY.vocab),
      dims: [3, TOY.vocab],
    }
    await backend.run({ inputs: inputs.tensors, outputs: [logits], cache, slots: inputs.slots })
    const written = new Set(['0 9', '0 4', '2 20'])
    for (let lane = 0; lane < LANES; lane++) {
      for (const slot of all) {
        const parts = partsOf(await cache.read({ lane, slots: Int32Array.of(slot) }), info.kv)
        const isWritten = written.has(`${lane} ${slot}`)
        for (const part of parts)
          assert.is(!part.every((byte) => byte === PATTERN), isWritten, `lane ${lane}, slot ${slot}`)
      }
    }
    cache.dispose()
    await backend.dispose()
  })

  test(`${name}: it says its kind, what it is good at, and the names in its graph`, async () => {
    const backend = await open(graphPath, 2)
    assert.is(backend.kind, name)
    assert.equal(backend.traits, { rowsPerPass: 32, isSlow: false, isWide: false })
    for (const input of ['input_ids', 'mask', 'k_cache.1', 'v_cache.1']) assert.ok(backend.inputNames.includes(input))
    for (const output of ['logits', 'k_cache_out.0']) assert.ok(backend.outputNames.includes(output))
    await backend.dispose()
  })
}

/** One token's bytes: K and V of each layer. */
function partsOf(bytes: Uint8Array, { k, v, rows }: KvShape): Uint8Array[] {
  let at = 0
  const next = (length: number): Uint8Array => bytes.subarray(at, (at += length))
  return rows.flatMap((row) => [next(row * ELEMENT_BYTES[k]), next(row * ELEMENT_BYTES[v])])
}
