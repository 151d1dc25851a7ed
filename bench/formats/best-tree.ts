/**
 * The tree that pays most for a model of generated weights: what it says means nothing, so how often guesses are right
 * is our own pair's, measured on SmolLM2, and what passes take is this machine's. The planner makes the best of both.
 */
import { readFileSync } from 'node:fs'
import { sequoiaPlanner } from '../../plugins/planners/sequoia.js'
import { depthsOf } from '../../src/core/choose-plan.js'
import { Core } from '../../src/core/index.js'
import { passMs, type PassTimes } from '../../src/speculation/pass-times.js'

const KINDS = ['greedy', 'T=0.8'] as const
const MAX_DEPTH = 8

export interface BestTree {
  sampling: string
  nodes: number
  depth: number
  'tokens a step': number
  'tokens/s': number
}

/** `target`, `draft`: what passes take, at no context or at the one that counts. One tree for each way of sampling. */
export function bestTrees(target: PassTimes, draft: PassTimes): BestTree[] {
  const core = Core.load()
  const path = new URL('../../models/smollm2-135m-draft/acceptance.json', import.meta.url)
  const measured = JSON.parse(readFileSync(path, 'utf8')) as Record<(typeof KINDS)[number], number[][]>
  return KINDS.map((sampling) => {
    const { shape, maxNodes, expectedTokens, msPerToken } = sequoiaPlanner.plan(core, {
      acceptance: measured[sampling].map((level) => Float64Array.from(level)),
      isGreedy: sampling === 'greedy',
      draftMs: (depth, widths) => widths.slice(0, depth).reduce((sum, width) => sum + passMs(draft, width, 0), 0),
      stepMs: (rows) => passMs(target, rows, 0),
      maxNodes: Math.max(...target.rows),
      maxDepth: MAX_DEPTH,
    })
    return {
      sampling,
      nodes: maxNodes,
      depth: Math.max(...depthsOf(shape!.parents)),
      'tokens a step': expectedTokens!,
      'tokens/s': 1000 / msPerToken!,
    }
  })
}
