// @process own
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { BindingBackend } from '../../src/runtime/binding/backend.js'
import { KvCache } from '../../src/runtime/kv/kv-cache.js'
import { PortableBackend } from '../../src/runtime/portable/backend.js'
import { Staging } from '../../src/runtime/staging.js'
import { pass } from './passes.js'
import { TOY, writeToyGraph } from './toy-graph.js'

const LANES = 3
const PATTERN = 0x3c
const { graphPath, info, vType } = writeToyGraph('int8')

for (const Backend of [BindingBackend, PortableBackend]) {
  test(`${Backend.name}: a pass changes the rows it writes, where they lie, and not a byte beside them`, async () => {
    const backend = await Backend.open(graphPath, 2)
    const cache = new KvCache(info, vType, { slots: 64, lanes: LANES })
    const buffers = [...cache.keys, ...cache.values]
    for (const buffer of buffers) new Uint8Array(buffer.buffer).fill(PATTERN)
    const input = pass([
      { tokens: [1, 2], slots: [9, 4], parents: [-1, 0], lane: 0 },
      { tokens: [7], slots: [20], parents: [-1], lane: 2 },
    ])
    const staging = new Staging(backend.inputNames)
    staging.fill(input, LANES)
    const logits = {
      name: 'logits',
      type: 'float32' as const,
      data: new Float32Array(3 * TOY.vocab),
      dims: [3, TOY.vocab],
    }
    await backend.run({ inputs: staging.tensors, outputs: [logits], cache, slots: staging.slots })
    await backend.dispose()
    const written = new Set([9 * LANES, 4 * LANES, 20 * LANES + 2])
    for (const buffer of buffers) {
      const rowBytes = cache.rowLength * buffer.BYTES_PER_ELEMENT
      for (let row = 0; row < cache.capacity * LANES; row++) {
        const bytes = new Uint8Array(buffer.buffer, row * rowBytes, rowBytes)
        assert.is(
          bytes.every((byte) => byte === PATTERN),
          !written.has(row),
          `row ${row}`,
        )
      }
    }
  })
}

test.run()
