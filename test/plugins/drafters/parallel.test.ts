/** Drafts of several tokens in one pass: rows, levels and what stays in the cache. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parallelDrafter } from '../../../plugins/drafters/parallel.js'
import { model } from '../../../plugins/drafters/model.js'
import { Core } from '../../../src/core/index.js'
import { ModelRunner } from '../../../src/passes/model-runner.js'
import { runTogether } from '../../../src/passes/run-together.js'
import type { ForwardInput, ForwardOutput } from '../../../src/runtime/forward.js'
import type { DraftModel } from '../../../src/strategies/drafter-entry.js'
import type { DraftRequest, PassingDraftSession } from '../../../src/strategies/drafter.js'
import type { Plan } from '../../../src/strategies/plan.js'
import type { DraftTree } from '../../../src/strategies/tree.js'
import { RecordingForward } from '../../support/recording-forward.js'

const STAND_IN = 2

/** The row at position p expects token p (mod 3) most, then p + 1, then p + 2. */
class ByPosition extends RecordingForward {
  override async run(input: ForwardInput, output: ForwardOutput): Promise<void> {
    await super.run(input, output)
    input.logitRows.forEach((row, i) => {
      for (const [rank, logit] of [4, 0, -4].entries())
        output.logits[3 * i + ((input.positions[row] + rank) % 3)] = logit
    })
  }
}

const GREEDY: DraftRequest = {
  sampling: { temperature: 0, topK: 0, topP: 1, minP: 0 },
  key: { seed: 1n, choice: 0 },
  draws: 'coupled',
}
const PLAN: Plan = { maxNodes: 8, maxDepth: 3, maxQRows: 8, among: 1, stepMs: () => 10 }

function opened(): { forward: ByPosition; options: DraftModel } {
  const forward = new ByPosition({ slots: 16 })
  const limits = { maxRows: 8, maxLogitRows: 8, maxSlots: 64, maxLanes: 4 }
  const runner = new ModelRunner(Core.load(), forward, limits, { busyMs: 0 })
  return { forward, options: { runner, passMs: (rows) => rows, drawMs: () => 0.25 } }
}

const begun = ({ options }: { options: DraftModel }): PassingDraftSession =>
  parallelDrafter(options, STAND_IN).begin(GREEDY)

async function drawn(session: PassingDraftSession, history: number[], parents: number[] | null): Promise<DraftTree> {
  const shape = parents && { shape: { parents: Int32Array.from(parents) } }
  const [tree] = await runTogether([session.draft(history, { ...PLAN, ...shape })])
  return tree
}

const tokensOf = (passes: readonly ForwardInput[]): number[][] => passes.map(({ tokens }) => [...tokens])

test('a model with a token that stands in is drafted with so, by the same name', () => {
  const { options } = opened()
  const materials = (of: DraftModel) => ({
    model: of,
    pastTokens: 0,
    opened: () => {
      throw new Error('nothing else is asked for')
    },
  })
  const drafter = model.open(materials({ ...options, standIn: STAND_IN }))!
  assert.is(drafter.name, 'model')
  assert.is(drafter.draftMs!(3, [1, 2, 4, 8], 10), 3 + 7 * 0.25)
  assert.is(drafter.draftMs!(0, [1], 10), 0)
  assert.is(model.open(materials(options))!.draftMs!(3, [1, 2, 4, 8], 10), 7 + 7 * 0.25)
})

test('one pass gives the q of every level: the text, and a stand-in for each level below the first', async () => {
  const { forward, options } = opened()
  const tree = await drawn(begun({ options }), [0, 1, 0], [-1, 0, 0, 1, 2, 3])
  assert.equal(tokensOf(forward.passes), [[0, 1, 0, STAND_IN, STAND_IN]])
  const [{ positions, logitRows }] = forward.passes
  assert.equal([...positions], [0, 1, 2, 3, 4])
  // The root's row, two nodes' of the first level, and one's of the second.
  assert.equal([...logitRows], [2, 3, 3, 4])
  assert.equal([...tree.q!.rows], [0, 1, 2, 3, -1, -1])
  // Both nodes of a level have the same likeliest child.
  assert.equal([...tree.tokens], [0, 2, 0, 0, 0, 1])
  assert.equal([...tree.parents], [-1, 0, 0, 1, 2, 3])
})

test('stand-ins leave the cache, and accepted tokens are read with the next text', async () => {
  const { forward, options } = opened()
  const session = begun({ options })
  await drawn(session, [0, 1], [-1, 0, 1])
  assert.is(options.runner.memory.usage.slotsUsed, 2)
  session.commit({ path: Int32Array.of(1), token: 1 })
  await drawn(session, [0, 1, 0, 1], [-1, 0, 1, 2])
  assert.equal(tokensOf(forward.passes), [
    [0, 1, STAND_IN],
    [0, 1, STAND_IN, STAND_IN],
  ])
  assert.equal([...forward.passes[1].positions], [2, 3, 4, 5])
  session.release()
  assert.is(options.runner.memory.usage.slotsUsed, 0)
})

test('a text longer than a pass is read before, and a root alone takes none', async () => {
  const { forward, options } = opened()
  const session = begun({ options })
  await drawn(session, [0, 1], [-1])
  assert.is(forward.passes.length, 0)
  const text = Array.from({ length: 11 }, (_, i) => i % 3)
  await drawn(session, text, [-1, 0, 1])
  assert.equal(
    forward.passes.map(({ tokens }) => tokens.length),
    [4, 8],
  )
})

test('without a shape it is a chain within the plan’s bounds', async () => {
  const { options } = opened()
  const tree = await drawn(begun({ options }), [0, 1], null)
  assert.equal([...tree.parents], [-1, 0, 1, 2])
})

test.run()
