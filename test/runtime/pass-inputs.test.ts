import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { ForwardInput } from '../../src/runtime/forward.js'
import { roundUpSlots } from '../../src/runtime/kv/store.js'
import { checkInput, PassInputs } from '../../src/runtime/pass-inputs.js'
import { InvalidArgumentError } from '../../src/spec/errors.js'
import { chain, pass } from './passes.js'

const ONE = ['input_ids', 'position_ids', 'cache_index', 'mask', 'logit_rows']
const SEVERAL = [...ONE, 'group_rows', 'ungroup_rows']

type Cache = Parameters<PassInputs['fill']>[1]

function slotsFirst(lanes: number): Cache {
  return { lanes, isByLane: false, shownSlots: roundUpSlots }
}

/** [name] the numbers of an input, and its shape. */
function filled(
  names: string[],
  input: ForwardInput,
  lanes: number,
): Record<string, { data: number[]; dims: number[] }> {
  const inputs = new PassInputs(names)
  inputs.fill(input, slotsFirst(lanes))
  return Object.fromEntries(
    inputs.tensors.map(({ name, data, dims }) => [name, { data: Array.from(data, Number), dims: [...dims] }]),
  )
}

/** Two rows of lane 0 and one of lane 2; lane 1 is idle. */
const input = pass([
  { tokens: [5, 6], slots: [1, 0], parents: [-1, 0], lane: 0 },
  { tokens: [7], slots: [2], parents: [-1], lane: 2 },
])

test('a row’s place in the cache is its slot and its lane; all are int64', () => {
  const { input_ids: ids, cache_index: index, position_ids: positions, logit_rows: rows } = filled(SEVERAL, input, 3)
  assert.equal(
    [ids.data, ids.dims],
    [
      [5, 6, 7],
      [1, 3],
    ],
  )
  assert.equal(
    [index.data, index.dims],
    [
      [1, 0, 0, 0, 2, 2],
      [1, 3, 2],
    ],
  )
  assert.equal(
    [positions.data, rows.data],
    [
      [0, 1, 0],
      [0, 1, 2],
    ],
  )
})

test('rows are arranged as groups of equal size, free places repeat a row, and the way back is given', () => {
  const { group_rows: group, ungroup_rows: ungroup } = filled(SEVERAL, input, 3)
  // Lane 0 has rows 0 and 1, idle lane 1 repeats row 0, lane 2 repeats row 2.
  assert.equal(group.data, [0, 1, 0, 0, 2, 2])
  assert.equal(ungroup.data, [0, 1, 4])
  assert.equal(
    ungroup.data.map((place) => group.data[place]),
    [0, 1, 2],
  )
})

test('the mask has a block of slots for each place, and rows of an idle lane see nothing', () => {
  const { mask } = filled(SEVERAL, input, 3)
  assert.equal(mask.dims, [3, 1, 2, 16])
  const seen = Array.from({ length: 6 }, (_, place) =>
    mask.data.slice(16 * place, 16 * place + 16).flatMap((sees, slot) => (sees ? [slot] : [])),
  )
  assert.equal(seen, [[1], [0, 1], [], [], [2], [2]])
})

test('nothing of a larger pass is left in the next one', () => {
  const inputs = new PassInputs(SEVERAL)
  inputs.fill(pass([chain([1, 2, 3, 4, 5, 6, 7, 8])]), slotsFirst(1))
  inputs.fill(input, slotsFirst(3))
  const again = Object.fromEntries(inputs.tensors.map(({ name, data }) => [name, Array.from(data, Number)]))
  const fresh = filled(SEVERAL, input, 3)
  assert.equal(again, Object.fromEntries(Object.entries(fresh).map(([name, { data }]) => [name, data])))
})

test('where a cache lies lane by lane, places and groups come lane first, and it says how many slots are shown', () => {
  const inputs = new PassInputs(SEVERAL)
  inputs.fill(input, { lanes: 3, isByLane: true, shownSlots: () => 5 })
  const dims = Object.fromEntries(inputs.tensors.map(({ name, dims }) => [name, dims]))
  assert.equal(
    [dims.group_rows, dims.mask],
    [
      [3, 2],
      [3, 1, 2, 5],
    ],
  )
  const index = inputs.tensors.find(({ name }) => name === 'cache_index')!
  assert.equal(Array.from(index.data, Number), [0, 1, 0, 0, 2, 2])
})

test('there, groups of several lanes come in few sizes; those of one lane are as long as the pass', () => {
  const inputs = new PassInputs(SEVERAL)
  const three = pass([chain([1, 2, 3]), chain([4], 1)])
  const sizes = [2, 1].map((lanes) => {
    const given = lanes === 2 ? three : pass([chain([1, 2, 3])])
    inputs.fill(given, { lanes, isByLane: true, shownSlots: () => 5 })
    return inputs.tensors.find(({ name }) => name === 'group_rows')!.dims
  })
  assert.equal(sizes, [
    [2, 4],
    [1, 3],
  ])
})

test('positions of slots are laid out lane by lane, up to the block', () => {
  const slotPositions = Int32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9)
  const { slot_positions: positions } = filled([...SEVERAL, 'slot_positions'], { ...input, slotPositions }, 3)
  assert.equal(positions.dims, [3, 16])
  assert.equal(
    [0, 16, 32].map((at) => positions.data.slice(at, at + 3)),
    [
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ],
  )
})

test('which inputs there are is the graph’s word', () => {
  const inputs = new PassInputs([...ONE, 'features'])
  assert.equal([inputs.isGrouped, inputs.hasFeatures, inputs.hasWindows], [false, true, false])
  const features = Float32Array.of(1, 2, 3, 4)
  const reading = (read: Float32Array): ForwardInput => ({ ...pass([chain([1, 2])]), features: read })
  inputs.fill(reading(features), slotsFirst(1))
  const given = inputs.tensors.find(({ name }) => name === 'features')!
  assert.equal([given.data === features, given.dims], [true, [1, 2, 2]])
})

const LIMITS = { capacity: 16, lanes: 3, vocab: 10, features: 0, hasWindows: false }

test('a pass within its limits is let through, of no wanted logits too', () => {
  checkInput(input, LIMITS)
  checkInput({ ...input, logitRows: new Int32Array(0) }, LIMITS)
})

const refused: [what: string, change: Partial<ForwardInput>, limits: Partial<typeof LIMITS>, param: string][] = [
  ['no rows', { tokens: new Int32Array(0) }, {}, 'tokens'],
  ['a position too few', { positions: Int32Array.of(0, 1) }, {}, 'positions'],
  ['more slots than the cache has', {}, { capacity: 2 }, 'liveSlots'],
  ['features that the graph does not read', { features: new Float32Array(3) }, {}, 'features'],
  ['no features where the graph reads some', {}, { features: 2 }, 'features'],
  ['no positions of slots for windows', {}, { hasWindows: true }, 'slotPositions'],
  ['a mask of another size', { mask: new Uint8Array(8) }, {}, 'mask'],
  ['a token outside the vocabulary', {}, { vocab: 7 }, 'tokens'],
  ['a negative position', { positions: Int32Array.of(0, -1, 0) }, {}, 'positions'],
  ['a slot behind the live ones', { slots: Int32Array.of(1, 3, 2) }, {}, 'slots'],
  ['a lane that is not there', {}, { lanes: 2 }, 'lanes'],
  ['lanes that descend', { lanes: Int32Array.of(0, 2, 1) }, {}, 'lanes'],
  ['a wanted row that is not there', { logitRows: Int32Array.of(3) }, {}, 'logitRows'],
]
for (const [what, change, limits, param] of refused)
  test(`${what}: refused by the name of ${param}`, () => {
    assert.throws(
      () => checkInput({ ...input, ...change }, { ...LIMITS, ...limits }),
      (error: Error) => error instanceof InvalidArgumentError && error.param === param,
    )
  })

test.run()
