/**
 * Drafts with a language model that shares the target's tokenizer: the planner's tree is filled level by level, one
 * draft pass a level, and each expanded node's children are drawn without replacement from its q (Sequoia, section
 * 3.2).
 */
import { Turns } from '../../src/common/turns.js'
import type { TreeShape, Verdict } from '../../src/core/types.js'
import { lanesFor } from '../../src/passes/lanes.js'
import type { ModelRunner } from '../../src/passes/model-runner.js'
import type { SequenceCache } from '../../src/passes/sequence-cache.js'
import { GrowingTree } from '../../src/strategies/growing-tree.js'
import type { Passes } from '../../src/passes/pass-part.js'
import { runTogether } from '../../src/passes/run-together.js'
import { childrenOf, rootTree, type DraftTree } from '../../src/strategies/tree.js'
import { BestFirst, pruned } from './best-first.js'
import { drawChildren } from './draw-children.js'
import { parallelDrafter } from './parallel.js'
import { readerOf, type Reader } from './readers.js'
import type { Drafter, DraftRequest, PassingDraftSession } from '../../src/strategies/drafter.js'
import type { DrafterEntry, DraftModel } from '../../src/strategies/drafter-entry.js'
import type { Plan } from '../../src/strategies/plan.js'

/** Children drawn at each node of a grown tree; they stand for no planned node. */
const GROWN_BRANCHES: readonly number[] = [-1, -1, -1, -1]
/** Most nodes of one level of a grown tree that are drafted on from. */
const GROWN_WIDTH = 6

/** Opened where the engine has a draft model. */
export const model = {
  name: 'model',
  open: (given) => given.model && drafterOf(given.model),
} as const satisfies DrafterEntry<Drafter<PassingDraftSession> | null>

function drafterOf(options: DraftModel): Drafter<PassingDraftSession> {
  const { standIn } = options
  return standIn === undefined ? modelDrafter(options) : parallelDrafter(options, standIn)
}

export function modelDrafter(options: DraftModel): Drafter<PassingDraftSession> {
  const { runner, passMs } = options
  return {
    name: 'model',
    growth: 'static',
    draftMs(depth, widths, contextLength) {
      let ms = 0
      for (let level = 0; level < depth; level++)
        ms += passMs(widths[level], contextLength) + widths[level] * options.drawMs()
      return ms
    },
    readMs: (tokens, contextLength, among) => passMs(tokens, contextLength, lanesFor(among) * tokens),
    begin: (request) => new ModelDraft(options, request),
    dispose: () => runner.dispose(),
  }
}

/** Masks of a grammar may take long at each node. */
function* atEach(nodes: readonly number[], draw: (node: number) => unknown): Passes<void> {
  const turns = new Turns()
  for (const node of nodes) {
    if (turns.due) {
      yield null
      turns.begin()
    }
    draw(node)
  }
}

class ModelDraft implements PassingDraftSession {
  private readonly runner: ModelRunner
  private readonly cache: SequenceCache
  private readonly reader: Reader
  /** Last tree: its nodes' slots in the draft's cache, -1 for leaves (never run). */
  private slots: number[] = []

  constructor(
    private readonly options: DraftModel,
    private readonly request: DraftRequest,
  ) {
    this.runner = options.runner
    this.cache = this.runner.memory.open()
    this.reader = readerOf(this.runner, this.cache)
  }

  observe(features: Float32Array): void {
    this.reader.observe?.(features)
  }

  async prepare(history: readonly number[]): Promise<void> {
    await runTogether([this.reader.read(history.slice(0, -1), false)])
  }

  *draft(history: readonly number[], plan: Plan): Passes<DraftTree> {
    if (!this.reader.canDraftAfter(history.length)) return rootTree(history[history.length - 1])
    return yield* plan.shape ? this.fill(history, plan.shape) : this.grow(history, plan)
  }

  /** Fills a planned shape, a pass a level. */
  private *fill(history: readonly number[], shape: TreeShape): Passes<DraftTree> {
    const planned = childrenOf(shape)
    const tree = new GrowingTree(history[history.length - 1])
    this.slots = [-1]
    if (planned[0].length === 0) return tree.finish()

    const rootPosition = history.length - 1
    tree.qRows[0] = yield* this.reader.read(history, true)
    this.drawChildren(tree, 0, planned[0], rootPosition)
    /** Expanded nodes below the root, level by level. */
    const expanded: number[] = []
    for (let level = 1; ; level++) {
      const nodes = tree.nodesAt(level).filter((node) => planned[tree.plannedNode[node]].length > 0)
      if (nodes.length === 0) break
      yield* this.expand(tree, nodes, expanded)
      yield* atEach(nodes, (node) => this.drawChildren(tree, node, planned[tree.plannedNode[node]], rootPosition))
    }
    return tree.finish({ logitsPtr: this.runner.logitsPtr })
  }

  /**
   * A tree grown by the probabilities of the tokens drawn; what is drafted and not kept gives its slots back at once.
   */
  private *grow(history: readonly number[], plan: Plan): Passes<DraftTree> {
    const rootPosition = history.length - 1
    const costs = {
      stepMs: plan.stepMs,
      passMs: (nodes: number) =>
        this.options.passMs(nodes * plan.among, rootPosition) / plan.among + nodes * this.options.drawMs(),
      chance: plan.anyChildChance ?? 1,
    }
    const tree = new GrowingTree(history[rootPosition])
    const best = new BestFirst(plan.maxNodes, costs)
    this.slots = [-1]
    tree.qRows[0] = yield* this.reader.read(history, true)
    const expanded: number[] = []
    let nodes = [0]
    for (let level = 1; level <= plan.maxDepth && nodes.length > 0; level++) {
      yield* atEach(nodes, (node) =>
        this.drawChildren(tree, node, GROWN_BRANCHES, rootPosition).forEach((q, rank) =>
          best.add(node, plan.childChance?.(rank, q) ?? q),
        ),
      )
      if (level === plan.maxDepth) break
      nodes = best.expand(tree.nodesAt(level), Math.min(GROWN_WIDTH, plan.maxQRows - 1 - expanded.length))
      if (nodes.length > 0) yield* this.expand(tree, nodes, expanded)
    }
    const kept = best.keep()
    this.giveBack(this.slots.filter((_, node) => !kept.includes(node)))
    this.slots = kept.map((node) => this.slots[node])
    return pruned(tree, kept).finish({ logitsPtr: this.runner.logitsPtr })
  }

  /** Asks for a pass over the nodes of one level, and notes where their q's lie. */
  private *expand(tree: GrowingTree, nodes: readonly number[], expanded: number[]): Passes<void> {
    const { runner, cache } = this
    cache.allocate(nodes.length).forEach((slot, i) => (this.slots[nodes[i]] = slot))
    expanded.push(...nodes)
    const place = new Map(expanded.map((node, i) => [node, i]))
    const { logitRow, row } = yield {
      runner,
      cache,
      tokens: Int32Array.from(nodes, (node) => tree.tokens[node]),
      positions: Int32Array.from(nodes, (node) => cache.length - 1 + tree.depths[node]),
      // The root is committed already.
      parents: Int32Array.from(expanded, (node) => place.get(tree.parents[node]) ?? -1),
      slots: Int32Array.from(expanded, (node) => this.slots[node]),
      wanted: Int32Array.from(nodes, (_, i) => i),
      features: this.reader.featuresOf(nodes, tree),
    }
    nodes.forEach((node, i) => (tree.qRows[node] = logitRow + i))
    this.reader.hasRead(nodes, row)
  }

  /** Draws a node's children; none has a slot yet. */
  private drawChildren(
    tree: GrowingTree,
    node: number,
    children: readonly number[],
    rootPosition: number,
  ): Float32Array {
    const before = tree.size
    const drawn = drawChildren(this.runner, this.request, tree, node, children, rootPosition)
    for (let child = before; child < tree.size; child++) this.slots.push(-1)
    return drawn
  }

  commit(verdict: Verdict): void {
    const kept: number[] = []
    for (const node of this.reader.keepsNodes ? verdict.path : []) {
      if (this.slots[node] < 0) break
      kept.push(this.slots[node])
    }
    this.cache.keep(kept)
    this.giveBack(this.slots.filter((slot) => !kept.includes(slot)))
    this.slots = []
  }

  save(from: number, count: number): Promise<Uint8Array | null> {
    return this.reader.save(from, count)
  }

  restore(saved: Uint8Array, count: number): Promise<void> {
    return this.reader.restore(saved, count)
  }

  release(): void {
    this.giveBack(this.slots)
    this.slots = []
    this.cache.release()
  }

  /** Frees the slots among these: leaves have none. */
  private giveBack(slots: readonly number[]): void {
    this.cache.free(slots.filter((slot) => slot >= 0))
  }
}
