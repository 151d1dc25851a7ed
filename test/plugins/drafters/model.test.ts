import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { model, modelDrafter } from '../../../plugins/drafters/model.js'
import { Core } from '../../../src/core/index.js'
import { ModelRunner } from '../../../src/passes/model-runner.js'
import { runTogether } from '../../../src/passes/run-together.js'
import type { ForwardInput, ForwardOutput } from '../../../src/runtime/forward.js'
import type { DraftModel } from '../../../src/strategies/drafter-entry.js'
import type { DraftRequest, PassingDraftSession } from '../../../src/strategies/drafter.js'
import type { Plan } from '../../../src/strategies/plan.js'
import type { DraftTree } from '../../../src/strategies/tree.js'
import { RecordingForward } from '../../support/recording-forward.js'

/** After token t it expects t + 1 (mod 3) most, then t + 2, then t. */
class Counting extends RecordingForward {
  override async run(input: ForwardInput, output: ForwardOutput): Promise<void> {
    await super.run(input, output)
    input.logitRows.forEach((row, i) => {
      for (const [rank, logit] of [-4, 4, 0].entries()) output.logits[3 * i + ((input.tokens[row] + rank) % 3)] = logit
    })
  }
}

const GREEDY: DraftRequest = {
  sampling: { temperature: 0, topK: 0, topP: 1, minP: 0 },
  key: { seed: 1n, choice: 0 },
  draws: 'coupled',
}
const PLAN: Plan = { maxNodes: 8, maxDepth: 3, maxQRows: 8, among: 1, stepMs: () => 10 }

function opened(): { forward: Counting; options: DraftModel } {
  const forward = new Counting({ slots: 16 })
  const limits = { maxRows: 8, maxLogitRows: 8, maxSlots: 64, maxLanes: 4 }
  const runner = new ModelRunner(Core.load(), forward, limits, { busyMs: 0 })
  return { forward, options: { runner, passMs: (rows) => rows, drawMs: () => 0.25 } }
}

async function drawn(session: PassingDraftSession, history: number[], plan: Partial<Plan>): Promise<DraftTree> {
  const [tree] = await runTogether([session.draft(history, { ...PLAN, ...plan })])
  return tree
}

const shape = (...parents: number[]): Partial<Plan> => ({ shape: { parents: Int32Array.from(parents) } })
const tokensOf = (passes: readonly ForwardInput[]): number[][] => passes.map(({ tokens }) => [...tokens])

test('without a draft model there is no such drafter', () => {
  assert.is(
    model.open({
      model: null,
      pastTokens: 0,
      opened: () => {
        throw new Error('nothing else is asked for')
      },
    }),
    null,
  )
})

test('drafting takes a pass a level but for the last, of that level’s nodes, and a draw for each of them', () => {
  const drafter = modelDrafter(opened().options)
  assert.is(drafter.draftMs!(2, [1, 3, 6], 100), 1 + 0.25 + 3 + 0.75)
  assert.is(drafter.draftMs!(0, [1], 100), 0)
})

test('a planned shape is filled level by level, each node’s children the likeliest after it', async () => {
  const { forward, options } = opened()
  const session = modelDrafter(options).begin(GREEDY)
  const tree = await drawn(session, [0, 1, 0], shape(-1, 0, 0, 1, 2, 3))
  assert.equal([...tree.tokens], [0, 1, 2, 2, 0, 0])
  assert.equal([...tree.parents], [-1, 0, 0, 1, 2, 3])
  // The prompt, the first level, and of the second the one node that has a child.
  assert.equal(tokensOf(forward.passes), [[0, 1, 0], [1, 2], [2]])
  assert.equal([...forward.passes[1].positions], [3, 3])
  assert.equal([...tree.q!.rows], [0, 1, 2, 3, -1, -1])
})

test('a shape that is a root alone runs no pass', async () => {
  const { forward, options } = opened()
  const tree = await drawn(modelDrafter(options).begin(GREEDY), [0, 1], shape(-1))
  assert.equal([[...tree.tokens], tree.q, forward.passes.length], [[1], undefined, 0])
})

test('rows of accepted nodes stay in the cache, others are read again or given back', async () => {
  const { forward, options } = opened()
  const session = modelDrafter(options).begin(GREEDY)
  await drawn(session, [0], shape(-1, 0, 0, 1))
  session.commit({ path: Int32Array.of(1, 3), token: 0 })
  // 1 was run and is kept; the leaf 2 was not, and is read with the token after it.
  await drawn(session, [0, 1, 2, 0], shape(-1, 0))
  assert.equal(tokensOf(forward.passes), [[0], [1], [2, 0]])
  assert.equal([...forward.passes[2].positions], [2, 3])
})

test('a tree without a shape grows while its nodes are worth a pass, within its bounds', async () => {
  const { options } = opened()
  const drafter = modelDrafter({ ...options, passMs: () => 0, drawMs: () => 0 })
  const tree = await drawn(drafter.begin(GREEDY), [0], { maxNodes: 4 })
  assert.equal([...tree.tokens], [0, 1, 2, 0], 'the chain that is all but certain')
  assert.equal([...tree.depths], [0, 1, 2, 3])
  const dear = await drawn(drafter.begin(GREEDY), [0], { maxNodes: 4, stepMs: (rows) => 10 * rows })
  assert.equal([...dear.tokens], [0])
})

test('what a request does to logits is done to q before it is drawn from, with the path to the node', async () => {
  const paths: (readonly number[])[] = []
  const rows = {
    apply: (row: Float32Array, path: readonly number[]) => {
      paths.push([...path])
      row[1] = -Infinity
    },
  }
  const session = modelDrafter(opened().options).begin({ ...GREEDY, rows })
  const tree = await drawn(session, [0], shape(-1, 0, 1))
  assert.equal([...tree.tokens], [0, 2, 0])
  assert.equal(paths, [[], [2]])
})

test('a session that is released has given all its slots back', async () => {
  const { options } = opened()
  const session = modelDrafter(options).begin(GREEDY)
  await session.prepare([0, 1, 2])
  await drawn(session, [0, 1, 2], shape(-1, 0, 1))
  assert.is(options.runner.memory.usage.slotsUsed, 4)
  session.release()
  assert.is(options.runner.memory.usage.slotsUsed, 0)
})

test.run()
