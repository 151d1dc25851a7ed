/** What of a verified tree stays, and when an answer ends. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { commit, resume } from '../../src/engine/commit.js'
import type { Sequence } from '../../src/engine/sequence.js'
import { verify, type Verified } from '../../src/engine/verify.js'
import { rootTree, type DraftTree } from '../../src/strategies/tree.js'
import { Desk, letters, treeOf } from '../support/desk.js'

const FORK = treeOf([2, 1, 0, 0], [-1, 0, 0, 2])

async function verifiedTree(desk: Desk, sequence: Sequence, tree: DraftTree): Promise<Verified> {
  return (await verify(desk.target, letters, [sequence], [tree], []))[0]
}

test('accepted nodes keep their slots, the others give theirs back, and the draft is told', async () => {
  const desk = new Desk()
  const sequence = await desk.begin()
  const part = commit(sequence, await verifiedTree(desk, sequence, FORK))
  assert.equal(part, { text: 'aaa', tokens: [0, 0, 0], accepted: 2 })
  assert.equal(sequence.tokens, [2, 0, 0, 0])
  assert.equal([...sequence.cache.slotsOf(0, 9)], [0, 2, 3])
  assert.is(sequence.cache.used, 3)
  assert.equal(desk.drafter.calls, ['commit 2,3:0'])
})

test('steps, nodes and accepted tokens are counted, trees beside plain steps', async () => {
  const desk = new Desk()
  const sequence = await desk.begin()
  commit(sequence, await verifiedTree(desk, sequence, FORK))
  commit(sequence, await verifiedTree(desk, sequence, rootTree(0)))
  const { steps, tokens, nodes, depth, drafts, drafted, accepted, acceptedLengths } = sequence.record.counts
  assert.equal([steps, tokens, nodes, depth], [2, 4, 5, 2])
  assert.equal([drafts, drafted, accepted, acceptedLengths], [1, 3, 2, [0, 0, 1]])
})

test('an answer ends at its length, and what the tree had beyond is not sent', async () => {
  const desk = new Desk()
  const sequence = await desk.begin({ maxTokens: 2 })
  const part = commit(sequence, await verifiedTree(desk, sequence, FORK))
  assert.equal([part.tokens, part.accepted, sequence.finish], [[0, 0], 2, 'length'])
})

test('a stop token ends the answer without a text of its own', async () => {
  const desk = new Desk({ stopTokens: [0] })
  const sequence = await desk.begin()
  const part = commit(sequence, await verifiedTree(desk, sequence, FORK))
  assert.equal(part, { text: '', tokens: [0], accepted: 1, stopToken: 0 })
  assert.is(sequence.finish, 'stop')
})

test('a sequence that cannot go on keeps no slot of the tree and says why', async () => {
  const desk = new Desk()
  const sequence = await desk.begin()
  const failure = new Error('no guess')
  const part = commit(sequence, { ...(await verifiedTree(desk, sequence, FORK)), outcome: failure })
  assert.equal(part, { text: '', tokens: [], accepted: 0 })
  assert.is(sequence.failure, failure)
  assert.is(sequence.cache.used, 0)
})

test('tokens made elsewhere are taken over: they count as the answer, and not as steps', async () => {
  const desk = new Desk()
  const sequence = await desk.begin({ stop: ['ba'] })
  assert.is(resume(sequence, [0, 1]).text, 'a', 'b may begin a stop string')
  assert.equal([sequence.record.counts.tokens, sequence.record.counts.steps], [2, 0])
  assert.is(resume(sequence, [0]).text, '')
  assert.is(sequence.finish, 'stop')
})

test.run()
