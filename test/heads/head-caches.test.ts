import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { plainSpec } from '../../src/architectures/plain.js'
import { deviceGraphs, headCaches, headCacheOutputs } from '../../src/heads/head-caches.js'
import { randomShape } from '../support/random-llama.js'
import { RecordedGraph } from '../support/recorded-graph.js'

const [layer] = plainSpec(randomShape).layers

test('on a device caches lie lane by lane, in halves where the format has them; else slots come first', () => {
  const caches = (device?: ReturnType<typeof deviceGraphs>): unknown[] => {
    const g = new RecordedGraph()
    headCacheOutputs(g, headCaches(g, layer, 1, device), layer, device)
    assert.equal(g.outputs.get('v_cache_out.1'), g.inputs.get('v_cache.1'))
    return Object.values(g.inputs.get('k_cache.1')!)
  }
  assert.equal(caches(), ['float32', ['S', 'B', 16]])
  assert.equal(caches(deviceGraphs({ halves: true })), ['float16', ['B', 'S', 16]])
  assert.equal(caches(deviceGraphs({})), ['float32', ['B', 'S', 16]])
})

test.run()
