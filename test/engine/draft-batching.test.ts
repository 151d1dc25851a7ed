// @process native
/** Draft levels of a step's sequences share passes: counted at the graphs themselves. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Engine, GenerateRequest } from '../../src/api/types.js'
import { closeEngines, engineFor } from '../support/engines.js'
import { collect, TREES } from '../support/equality.js'
import { passesOf, type Pass } from '../support/passes.js'

const drafting = suite('draft passes of several sequences')
drafting.after(closeEngines)

const PROMPTS = [
  'This package is',
  '# API\n\n## Usage\n\n```js\nconst',
  'Install with npm. Install with npm. Install with',
  '- [ ] one\n- [ ] two\n- [ ]',
]

drafting(
  'a level of four drafts is one pass: a step costs as many draft passes as its deepest tree has levels',
  async () => {
    const engine: Engine = await engineFor({ target: 'micro', maxBatch: 4, prefixCacheBytes: 0 })
    const requests: GenerateRequest[] = PROMPTS.map((prompt, i) => ({
      prompt,
      maxTokens: 40,
      ignoreEos: true,
      seed: i,
      temperature: i % 2 === 0 ? 0 : 0.8,
      draft: 'model',
      tree: i < 2 ? TREES.binary : TREES.fork,
    }))
    const answers: { tokens: number[] }[] = []
    const passes = await passesOf(async () =>
      answers.push(...(await Promise.all(requests.map((request) => collect(engine, request))))),
    )
    /** Draft passes since the last target pass, and the most lanes of each kind in a step. */
    let levels = 0
    let most = 0
    for (const { isDraft, lanes } of passes) {
      if (!isDraft) levels = 0
      else if (lanes > 1)
        assert.ok(++levels <= 3, `${levels} shared draft passes in one step of trees with 3 levels to expand`)
      most = Math.max(most, isDraft ? lanes : 0)
    }
    assert.is(most, 4, 'all four must have drafted together')
    const alone = await passesOf(async () => {
      for (const [i, request] of requests.entries())
        assert.equal((await collect(engine, request)).tokens, answers[i].tokens)
    })
    const drafts = (all: readonly Pass[]): number => all.filter(({ isDraft }) => isDraft).length
    assert.ok(
      drafts(passes) < 0.4 * drafts(alone),
      `${drafts(passes)} draft passes together, ${drafts(alone)} one by one`,
    )
  },
)

drafting.run()
