// @process native
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import published from '../../bench/offload/published-acceptance.json' with { type: 'json' }
import { replayDrafter } from '../../bench/offload/replay-drafter.js'
import { Core } from '../../src/core/index.js'
import { openEngine } from '../../src/index.js'
import { collect } from '../support/equality.js'

const replay = suite('a replayed acceptance vector')
const TOKEN = 300
const STEPS = 100

/**
 * The drafter's draws are the same in every run: this either holds or not. A step's tokens vary by less than 2, so the
 * mean of 100 by less than 0.2 or about 7 %.
 */
const TOLERANCE = 0.1

replay('brings as many tokens a step through a real engine as the dynamic program expects', async () => {
  const acceptance = Float64Array.from(published.p)
  const engine = await openEngine({
    target: 'micro',
    draft: 'none',
    drafters: [replayDrafter({ name: 'replay', vectors: [acceptance], token: TOKEN, levelMs: () => 0, maxDepth: 5 })],
  })
  try {
    for (const [nodes, depth] of [
      [4, 3],
      [32, 5],
    ]) {
      const { parents, expectedTokens } = Core.load()
        .plan({ acceptance, maxNodes: nodes, maxDepth: depth })
        .tree(nodes, depth)
      const maxTokens = Math.round(STEPS * expectedTokens)
      const { tokens, stats } = await collect(engine, {
        prompt: 'a',
        allowedTokens: [TOKEN],
        ignoreEos: true,
        maxTokens,
        draft: 'replay',
        tree: [...parents],
      })
      assert.ok(tokens.every((token) => token === TOKEN))
      assert.ok(
        Math.abs(stats.tokensPerStep - expectedTokens) < TOLERANCE * expectedTokens,
        `${stats.tokensPerStep} tokens a step, ${expectedTokens} expected`,
      )
    }
  } finally {
    await engine.close()
  }
})

replay.run()
