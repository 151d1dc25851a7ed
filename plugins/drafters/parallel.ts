/**
 * Drafts with a model that guesses several tokens in one pass (PARD, arXiv 2504.18583): it reads the text and then, in
 * the place of each token that is not written yet, one that stands for it. The row of each gives the q of its level,
 * whatever the tokens before: all nodes of a level are drawn from one q, a tree is a product of levels.
 */
import { depthsOf } from '../../src/core/choose-plan.js'
import { lanesFor } from '../../src/passes/lanes.js'
import type { ModelRunner } from '../../src/passes/model-runner.js'
import type { Passes } from '../../src/passes/pass-part.js'
import { runTogether } from '../../src/passes/run-together.js'
import type { SequenceCache } from '../../src/passes/sequence-cache.js'
import type { DraftModel } from '../../src/strategies/drafter-entry.js'
import type { Drafter, DraftRequest, PassingDraftSession } from '../../src/strategies/drafter.js'
import { GrowingTree } from '../../src/strategies/growing-tree.js'
import type { Plan } from '../../src/strategies/plan.js'
import { childrenOf, type DraftTree } from '../../src/strategies/tree.js'
import { drawChildren } from './draw-children.js'
import { readerOf, type Reader } from './readers.js'

/** Nodes of the chain that is drafted where no shape was planned. */
const CHAIN = 4

/** `standIn`: the token that stands for one not written yet. */
export function parallelDrafter(options: DraftModel, standIn: number): Drafter<PassingDraftSession> {
  const { runner, passMs, drawMs } = options
  return {
    name: 'model',
    growth: 'static',
    draftMs: (depth, widths, contextLength) =>
      depth === 0
        ? 0
        : passMs(depth, contextLength) + widths.slice(0, depth).reduce((ms, width) => ms + width * drawMs(), 0),
    readMs: (tokens, contextLength, among) => passMs(tokens, contextLength, lanesFor(among) * tokens),
    begin: (request) => new ParallelDraft(options, request, standIn),
    dispose: () => runner.dispose(),
  }
}

class ParallelDraft implements PassingDraftSession {
  private readonly runner: ModelRunner
  private readonly cache: SequenceCache
  private readonly reader: Reader

  constructor(
    options: DraftModel,
    private readonly request: DraftRequest,
    private readonly standIn: number,
  ) {
    this.runner = options.runner
    this.cache = this.runner.memory.open()
    this.reader = readerOf(this.runner, this.cache)
  }

  async prepare(history: readonly number[]): Promise<void> {
    await runTogether([this.reader.read(history.slice(0, -1), false)])
  }

  *draft(history: readonly number[], plan: Plan): Passes<DraftTree> {
    const parents = plan.shape?.parents ?? chainWithin(plan)
    const planned = childrenOf({ parents })
    const tree = new GrowingTree(history[history.length - 1])
    if (planned[0].length === 0) return tree.finish()
    const depths = depthsOf(parents)
    /** Planned nodes with children, in level order: each has a row of its own, for rules change the q's they read. */
    const drawn = [...planned.keys()].filter((node) => planned[node].length > 0)
    const firstRow = yield* this.read(
      history,
      drawn.map((node) => depths[node]),
    )
    const rowOf = new Map(drawn.map((node, i) => [node, firstRow + i]))
    for (let node = 0; node < tree.size; node++) {
      const children = planned[tree.plannedNode[node]]
      if (children.length === 0) continue
      tree.qRows[node] = rowOf.get(tree.plannedNode[node])!
      drawChildren(this.runner, this.request, tree, node, children, history.length - 1)
    }
    return tree.finish({ logitsPtr: this.runner.logitsPtr })
  }

  /**
   * One pass over what of the text is not read yet and a stand-in for each level below the first. Comes to the row of
   * the first q wanted; `levels`: of each q, ascending from 0. The stand-ins' rows leave the cache again.
   */
  private *read(history: readonly number[], levels: readonly number[]): Passes<number> {
    const { runner, cache, standIn } = this
    const standIns = levels[levels.length - 1]
    const room = Math.max(1, runner.limits.maxRows - standIns)
    // What is more than one pass takes is read before.
    const before = history.length - room
    if (before > cache.length) yield* this.reader.read(history.slice(0, before), false)
    const text = history.slice(cache.length)
    const tokens = Int32Array.from([...text, ...Array.from({ length: standIns }, () => standIn)])
    const last = text.length - 1
    const slots = cache.allocate(tokens.length)
    let hasRun = false
    try {
      const { logitRow } = yield {
        runner,
        cache,
        tokens,
        positions: tokens.map((_, i) => cache.length + i),
        parents: tokens.map((_, i) => i - 1),
        slots,
        wanted: Int32Array.from(levels, (level) => last + level),
      }
      hasRun = true
      return logitRow
    } finally {
      const kept = hasRun ? text.length : 0
      cache.keep(slots.subarray(0, kept))
      cache.free(slots.subarray(kept))
    }
  }

  /** Its nodes were never run: accepted ones are read with the next tree's text. */
  commit(): void {}

  save(from: number, count: number): Promise<Uint8Array | null> {
    return this.reader.save(from, count)
  }

  restore(saved: Uint8Array, count: number): Promise<void> {
    return this.reader.restore(saved, count)
  }

  release(): void {
    this.cache.release()
  }
}

function chainWithin({ maxNodes, maxDepth, maxQRows }: Plan): Int32Array {
  return Int32Array.from({ length: 1 + Math.min(CHAIN, maxNodes - 1, maxDepth, maxQRows) }, (_, node) => node - 1)
}
