import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { FIXED, hardware, type MachineProfile } from '../../../bench/paper/hardware.js'
import { Core } from '../../../src/core/index.js'

const core = Core.load()
const level = { rows: [1], ms: [0.3] }
const flat: MachineProfile = {
  machine: 'flat',
  source: 'made up',
  target: { rows: [1, 512], ms: [10, 10] },
  draft: level,
}
const steep: MachineProfile = {
  machine: 'steep',
  source: 'made up',
  target: { rows: [1, 512], ms: [10, 10 + 511 * 2] },
  draft: level,
}
const accepts = { pair: 'made up', vectors: [Float64Array.of(0.6, 0.15, 0.08, 0.04)], paths: [[0, 0, 1, -1], [-1]] }
const rows = hardware(core, [flat, steep], [accepts])
const at = (machine: string, choice: string) => rows.find((row) => row.machine === machine && row.choice === choice)!

test('where rows are free the optimizer takes large trees, and small ones where they cost', () => {
  assert.ok(at('flat', 'optimizer').nodes > 100)
  assert.ok(at('steep', 'optimizer').nodes < 8)
})

test('no fixed size and no other machine’s tree promises more than the optimizer’s choice', () => {
  for (const machine of ['flat', 'steep'])
    for (const row of rows.filter((one) => one.machine === machine))
      assert.ok(row.predicted <= at(machine, 'optimizer').predicted + 1e-9, `${machine}, ${row.choice}`)
})

test('fixed sizes have that size, and a wrong profile costs', () => {
  for (const nodes of FIXED) assert.is(at('steep', `${nodes} nodes`).nodes, nodes)
  assert.is(at('steep', 'as for flat').nodes, at('flat', 'optimizer').nodes)
  assert.ok(at('steep', 'as for flat').predicted < 1)
})

test('places say what a tree brings, its time what that is worth', () => {
  const { tokens, speedup, nodes, depth } = at('flat', '8 nodes')
  assert.is(nodes, 8)
  assert.ok(tokens! > 1 && tokens! <= 2.5)
  assert.ok(Math.abs(speedup! - (10 * tokens!) / (10 + 0.3 * depth)) < 1e-9)
})

test("the published example gets the tree of the paper's code, or a better one between its sizes", () => {
  const demo = { rows: [1, 2, 4, 8, 16, 32], ms: [10, 10, 10, 12, 14, 18] }
  const vector = Float64Array.of(0.634183, 0.107946, 0.056972, 0.022489, 0.01949)
  const machine = { machine: 'demo', source: 'published', target: demo, draft: level }
  const [best] = hardware(core, [machine], [{ pair: 'published', vectors: [vector], paths: [] }])
  assert.ok(best.predicted >= 2.0459)
  assert.is(best.tokens, undefined)
})

test.run()
