/** Counters of the engine, and what listeners are told of them. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Recorder } from '../../src/observe/recorder.js'
import { rootTree } from '../../src/strategies/tree.js'
import { treeOf } from '../support/desk.js'

const PLAN = { maxNodes: 3, maxDepth: 1, stepMs: () => 1, maxQRows: 3, among: 2 }
const TIMES = { ms: 9, draftMs: 2, targetMs: 6 }

test('a step counts its trees by sequence, but for those that failed in it', () => {
  const recorder = new Recorder()
  const records = [1, 2].map(() => recorder.request({}, 4, 'told'))
  recorder.step({
    sequences: [
      { record: records[0], failure: null },
      { record: records[1], failure: new Error('stuck') },
    ],
    plans: [PLAN, PLAN],
    trees: [treeOf([0, 1, 2], [-1, 0, 0]), rootTree(0)],
    parts: [
      { text: 'ab', tokens: [1, 2], accepted: 1 },
      { text: '', tokens: [], accepted: 0 },
    ],
    ...TIMES,
  })
  const { passes, steps, drafts, nodes, drafted, accepted, acceptedAt, tokens, draftMs } = recorder.totals
  assert.equal([passes, steps, drafts, nodes, drafted, accepted, acceptedAt], [1, 1, 1, 3, 2, 1, [1]])
  assert.equal([tokens, draftMs], [2, 2])
  assert.equal([records[0].firstTokenAt !== null, records[1].firstTokenAt], [true, null])
})

test('requests are numbered, and counted by how they end', () => {
  const recorder = new Recorder()
  const ends: unknown[] = []
  recorder.emitter.listeners.on('end', ({ id, reason }) => void ends.push([id, reason]))
  const [first, second] = [recorder.request({}, 4, 'told'), recorder.request({}, 4, 'told')]
  const outcome = { reason: 'length' as const, stats: undefined as never, error: undefined }
  recorder.end(second, outcome)
  assert.equal([first.id, second.id, ends], [1, 2, [[2, 'length']]])
  assert.equal([recorder.totals.requests, recorder.totals.ended.length, recorder.totals.ended.stop], [2, 1, 0])
})

test('prompt tokens that were copied count as cached, from the cache and from a request beside', () => {
  const recorder = new Recorder()
  const record = recorder.request({}, 10, 'told')
  record.cachedTokens = 4
  recorder.start(record)
  recorder.reuse(record, 3)
  assert.equal([record.cachedTokens, recorder.totals.cachedTokens, recorder.totals.promptTokens], [7, 7, 10])
})

test.run()
