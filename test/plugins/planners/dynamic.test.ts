// @process native
/**
 * Trees grown while they are drafted, on the micro pair: decoded step by step with fixed costs, so that no clock has a
 * say.
 */
import { extend } from '../../../src/passes/appending.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { modelDrafter } from '../../../plugins/drafters/model.js'
import { dynamicPlanner } from '../../../plugins/planners/dynamic.js'
import { Core } from '../../../src/core/index.js'
import type { Sampling } from '../../../src/core/types.js'
import { openModel, openRunner } from '../../../src/open/open-model.js'
import { checkOptions } from '../../../src/open/check-options.js'
import type { Plan } from '../../../src/strategies/plan.js'
import type { PlanContext } from '../../../src/strategies/planner.js'
import type { DraftTree } from '../../../src/strategies/tree.js'
import type { ModelRunner } from '../../../src/passes/model-runner.js'
import { runTogether } from '../../../src/passes/run-together.js'
import { closeEngines, engineFor } from '../../support/engines.js'
import { collect } from '../../support/equality.js'

const core = Core.load()
const TOKENS = 48
const ROOT_ONLY: Plan = {
  shape: { parents: Int32Array.of(-1) },
  maxNodes: 1,
  maxDepth: 0,
  stepMs: () => 1,
  maxQRows: 64,
  among: 1,
}
const context: PlanContext = {
  acceptance: [Float64Array.of(0.6, 0.15, 0.07, 0.04)],
  isGreedy: false,
  draftMs: (depth) => 0.5 * depth,
  stepMs: (rows) => 10 + 0.3 * rows,
  maxNodes: 24,
  maxDepth: 5,
}

interface Decoded {
  tokens: number[]
  trees: DraftTree[]
  accepted: number
}

const dynamic = suite('dynamic planner on the micro pair')
dynamic.after(closeEngines)

async function open(name: string): Promise<{ runner: ModelRunner; encode(text: string): number[] }> {
  const options = checkOptions({ target: name })
  const model = await openModel(name, options)
  return {
    runner: await openRunner(core, model, { maxSlots: 256, maxLogitRows: 32 }, options),
    encode: (text) => model.tokenizer.encode(text),
  }
}

/** Plan, draft, verify, commit until there are `TOKENS` tokens. */
async function decode(
  target: ModelRunner,
  draft: ModelRunner,
  prompt: readonly number[],
  sampling: Sampling,
  plan: Plan,
): Promise<Decoded> {
  const key = { seed: 4n, choice: 0 }
  const drafting = modelDrafter({ runner: draft, passMs: () => 0.4, drawMs: () => 0.02 }).begin({
    sampling,
    key,
    draws: 'coupled',
  })
  const cache = target.memory.open()
  await extend(target, cache, prompt.slice(0, -1), false)
  await drafting.prepare(prompt)
  const decoded: Decoded = { tokens: [], trees: [], accepted: 0 }
  while (decoded.tokens.length < TOKENS) {
    const history = [...prompt, ...decoded.tokens]
    const [tree] = await runTogether([drafting.draft(history, plan)])
    const slots = cache.allocate(tree.parents.length)
    const liveSlots = cache.liveSlots
    target.mask(cache, tree.parents, slots, liveSlots)
    const rows = {
      tokens: tree.tokens,
      positions: tree.depths.map((depth) => history.length - 1 + depth),
      slots,
      lanes: slots.map(() => cache.lane),
    }
    await target.run(
      rows,
      liveSlots,
      0,
      slots.map((_, row) => row),
      0,
    )
    const verdict = core.verifyCoupled(tree, target.logitsPtr, target.vocab, sampling, key, history.length - 1)
    const kept = [0, ...verdict.path]
    cache.keep(kept.map((node) => slots[node]))
    cache.free(slots.filter((_, node) => !kept.includes(node)))
    drafting.commit(verdict)
    decoded.trees.push(tree)
    decoded.accepted += verdict.path.length
    decoded.tokens.push(...Array.from(verdict.path, (node) => tree.tokens[node]), verdict.token)
  }
  drafting.release()
  cache.release()
  assert.equal([target.memory.usage.slotsUsed, draft.memory.usage.slotsUsed], [0, 0])
  return { ...decoded, tokens: decoded.tokens.slice(0, TOKENS) }
}

dynamic(
  'grown trees give the tokens of plain decoding at temperatures 0, 0.8 and 1.3, within the planned budget',
  async () => {
    const [target, draft] = [await open('micro'), await open('micro-draft')]
    const plan = dynamicPlanner.plan(core, context)
    assert.is(plan.shape, undefined)
    for (const temperature of [0, 0.8, 1.3]) {
      const sampling = { temperature, topK: 0, topP: 1, minP: 0 }
      for (const text of ['This package is', '# API\n\n## Usage\n\n```js\nconst']) {
        const plain = await decode(target.runner, draft.runner, target.encode(text), sampling, ROOT_ONLY)
        const grown = await decode(target.runner, draft.runner, target.encode(text), sampling, {
          ...ROOT_ONLY,
          shape: undefined,
          ...plan,
        })
        assert.equal(grown.tokens, plain.tokens)
        const sizes = grown.trees.map((tree) => tree.parents.length)
        assert.ok(
          Math.max(...sizes) <= plan.maxNodes && new Set(grown.trees.map((tree) => tree.parents.join())).size > 3,
          'trees should differ',
        )
        assert.ok(grown.accepted > TOKENS / 5 && grown.accepted < sizes.reduce((sum, size) => sum + size - 1, 0))
      }
    }
    await target.runner.dispose()
    await draft.runner.dispose()
  },
)

dynamic('where speculation does not pay there is none', () => {
  const { maxNodes } = dynamicPlanner.plan(core, { ...context, stepMs: (rows) => 10 * rows })
  assert.is(maxNodes, 1)
})

dynamic('a rule that a tree grown by its tokens would bias is refused, by name', async () => {
  const engine = await engineFor({ target: 'micro', planner: 'dynamic' })
  try {
    await collect(engine, { prompt: 'a', maxTokens: 4, temperature: 1, draft: 'model', verifier: 'sequoia' })
  } catch (error) {
    assert.match((error as Error).message, /"sequoia" cannot verify without bias; use "coupled"/)
    return
  }
  assert.unreachable('the pair was not refused')
})

dynamic.run()
