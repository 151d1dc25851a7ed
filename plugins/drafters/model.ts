/**
 * Drafts with a language model that shares the target's tokenizer: the planner's tree is filled level by level, one
 * draft pass a level, and each expanded node's children are drawn without replacement from its q (Sequoia, section
 * 3.2).
 */
import type { Core } from '../../src/core/index.js'
import type { DraftNoise, TreeShape, Verdict } from '../../src/core/types.js'
import { joined } from '../../src/common/joined.js'
import { lanesFor, type ModelRunner } from '../../src/passes/model-runner.js'
import type { SequenceCache } from '../../src/passes/sequence-cache.js'
import { draftSampling } from '../../src/strategies/draft-sampling.js'
import { GrowingTree } from '../../src/strategies/growing-tree.js'
import { runTogether, type Passes } from '../../src/passes/run-together.js'
import { BestFirst, pruned } from './best-first.js'
import type {
  Drafter,
  DraftRequest,
  Draws,
  DraftTree,
  PassingDraftSession,
  Plan,
} from '../../src/strategies/strategies.js'

/**
 * Children drawn at each node of a grown tree (they stand for no planned node), and most nodes of one level drafted on
 * from.
 */
const GROWN_BRANCHES: readonly number[] = [-1, -1, -1, -1]
const GROWN_WIDTH = 6

/** The core's word for each kind of draw. */
const NOISE: Record<Draws, DraftNoise> = {
  coupled: 'coupled',
  'without-replacement': 'independent',
  'with-replacement': 'with-replacement',
  'top-k': 'top-k',
}

export interface ModelDrafterOptions {
  runner: ModelRunner
  /**
   * Milliseconds of one draft pass of `rows` rows at `slots` live slots; `places`: rows that attention works on, if
   * more.
   */
  passMs(rows: number, slots: number, places?: number): number
  /** Milliseconds of drawing one node's children. */
  drawMs(): number
}

export function modelDrafter(options: ModelDrafterOptions): Drafter<PassingDraftSession> {
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
    begin: (request) =>
      runner.forward.readsFeatures ? new FeatureDraft(options, request) : new ModelDraft(options, request),
    dispose: () => runner.dispose(),
  }
}

class ModelDraft implements PassingDraftSession {
  private readonly core: Core
  protected readonly cache: SequenceCache
  /** Last tree: its nodes' slots in the draft's cache, -1 for leaves (never run). */
  protected slots: number[] = []

  protected readonly runner: ModelRunner

  constructor(
    private readonly options: ModelDrafterOptions,
    private readonly request: DraftRequest,
  ) {
    this.runner = options.runner
    this.core = this.runner.core
    this.cache = this.runner.openCache()
  }

  async prepare(history: readonly number[]): Promise<void> {
    await runTogether([this.read(history.slice(0, -1), false)])
  }

  *draft(history: readonly number[], plan: Plan): Passes<DraftTree> {
    if (!plan.shape) return yield* this.grow(history, plan)
    const planned = childrenOf(plan.shape)
    const tree = new GrowingTree(history[history.length - 1])
    this.slots = [-1]
    if (planned[0].length === 0) return tree.finish()

    const rootPosition = history.length - 1
    tree.qRows[0] = yield* this.read(history, true)
    this.drawChildren(tree, 0, planned[0], rootPosition)
    /** Expanded nodes below the root, level by level. */
    const expanded: number[] = []
    for (let level = 1; ; level++) {
      const nodes = tree.nodesAt(level).filter((node) => planned[tree.plannedNode[node]].length > 0)
      if (nodes.length === 0) break
      yield* this.expand(tree, nodes, expanded)
      for (const node of nodes) this.drawChildren(tree, node, planned[tree.plannedNode[node]], rootPosition)
    }
    return tree.finish({ logitsPtr: this.runner.logitsPtr })
  }

  /**
   * Reads what of the history the draft has not read yet; comes to the row of the last token's q where it is wanted.
   */
  protected *read(history: readonly number[], wantsLast: boolean): Passes<number> {
    return yield* this.runner.appending(this.cache, history.slice(this.cache.length), wantsLast)
  }

  /** Features that a level's nodes are read with, [nodes, hidden]; none for a draft that reads tokens alone. */
  protected featuresOf(_nodes: readonly number[], _tree: GrowingTree): Float32Array | undefined {
    return undefined
  }

  /** Hears of a pass over a level's nodes, of which `row` was the first. */
  protected hasRead(_nodes: readonly number[], _row: number): void {}

  /**
   * A tree grown by the probabilities of the tokens drawn; what is drafted and not kept gives its slots back at once.
   */
  private *grow(history: readonly number[], plan: Plan): Passes<DraftTree> {
    const rootPosition = history.length - 1
    const costs = {
      stepMs: plan.stepMs,
      passMs: (nodes: number) =>
        this.options.passMs(nodes * plan.among, rootPosition) / plan.among + nodes * this.options.drawMs(),
      chance: plan.chance ?? 1,
    }
    const tree = new GrowingTree(history[rootPosition])
    const best = new BestFirst(plan.maxNodes, costs)
    this.slots = [-1]
    tree.qRows[0] = yield* this.read(history, true)
    const expanded: number[] = []
    let nodes = [0]
    for (let level = 1; level <= plan.maxDepth && nodes.length > 0; level++) {
      for (const node of nodes)
        this.drawChildren(tree, node, GROWN_BRANCHES, rootPosition).forEach((q, rank) =>
          best.add(node, plan.worth?.(rank, q) ?? q),
        )
      if (level === plan.maxDepth) break
      nodes = best.expand(tree.nodesAt(level), Math.min(GROWN_WIDTH, plan.maxQRows - 1 - expanded.length))
      if (nodes.length > 0) yield* this.expand(tree, nodes, expanded)
    }
    const kept = best.keep()
    const dropped = this.slots.filter((slot, node) => slot >= 0 && !kept.includes(node))
    this.cache.free(dropped)
    this.slots = kept.map((node) => this.slots[node])
    return pruned(tree, kept).finish({ logitsPtr: this.runner.logitsPtr })
  }

  /** Asks for a pass over the nodes of one level, and notes where their q's lie. */
  private *expand(tree: GrowingTree, nodes: readonly number[], expanded: number[]): Passes<void> {
    const { runner, cache } = this
    runner.allocate(cache, nodes.length).forEach((slot, i) => (this.slots[nodes[i]] = slot))
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
      features: this.featuresOf(nodes, tree),
    }
    nodes.forEach((node, i) => (tree.qRows[node] = logitRow + i))
    this.hasRead(nodes, row)
  }

  /**
   * Draws a node's children (planned nodes to stand for) from its q and returns their q's; where q has less support,
   * they are fewer.
   */
  private drawChildren(
    tree: GrowingTree,
    node: number,
    children: readonly number[],
    rootPosition: number,
  ): Float32Array {
    const { sampling, key, draws, rows } = this.request
    const logitsPtr = this.runner.logitsAt(tree.qRows[node])
    const position = rootPosition + tree.depths[node]
    rows?.apply(this.core.f32(logitsPtr, this.runner.vocab), tree.pathTo(node))
    const drawn = this.core.draftChildren(
      logitsPtr,
      this.runner.vocab,
      draftSampling(sampling),
      key,
      position,
      children.length,
      NOISE[draws],
      node,
    )
    drawn.tokens.forEach((token, rank) => {
      tree.add(node, token, children[rank])
      this.slots.push(-1)
    })
    return drawn.q
  }

  commit(verdict: Verdict): void {
    const kept: number[] = []
    for (const node of verdict.path) {
      if (this.slots[node] < 0) break
      kept.push(this.slots[node])
    }
    const dropped = this.slots.filter((slot) => slot >= 0 && !kept.includes(slot))
    this.cache.keep(kept)
    this.cache.free(dropped)
    this.slots = []
  }

  save(from: number, count: number): Uint8Array | null {
    return this.cache.length < from + count ? null : this.runner.save(this.cache, from, count)
  }

  restore(saved: Uint8Array, count: number): void {
    this.runner.restore(this.cache, saved, count)
  }

  release(): void {
    this.cache.free(this.slots.filter((slot) => slot >= 0))
    this.slots = []
    this.cache.release()
  }
}

/**
 * A draft that reads the target's features (EAGLE family): row i of its cache is token i + 1 with the feature of token
 * i. Nodes below the root are read with the features that the draft itself predicted; once accepted they are read again
 * with the target's.
 */
class FeatureDraft extends ModelDraft {
  /** Features of the target's tokens from place `cache.length` on: what is not read yet. */
  private waiting: Float32Array[] = []
  /** By node: the feature that the draft predicts at it. */
  private predicted = new Map<number, Float32Array>()

  observe(features: Float32Array): void {
    const { hidden } = this.runner.forward.info
    for (let at = 0; at < features.length; at += hidden) this.waiting.push(features.slice(at, at + hidden))
  }

  protected override *read(history: readonly number[], wantsLast: boolean): Passes<number> {
    const { hidden } = this.runner.forward.info
    const rows = history.slice(this.cache.length + 1)
    let last = new Float32Array(0)
    const features = {
      read: (from: number, count: number) => joined(Float32Array, this.waiting.slice(from, from + count)),
      wrote: (predicted: Float32Array) => (last = predicted.slice(-hidden)),
    }
    const row = yield* this.runner.appending(this.cache, rows, wantsLast, features)
    this.waiting.splice(0, rows.length)
    this.predicted = new Map([[0, last]])
    return row
  }

  override *draft(history: readonly number[], plan: Plan): Passes<DraftTree> {
    // The first token of a text has no feature before it.
    return history.length > 1 ? yield* super.draft(history, plan) : new GrowingTree(history[0]).finish()
  }

  protected override featuresOf(nodes: readonly number[], tree: GrowingTree): Float32Array {
    return joined(
      Float32Array,
      nodes.map((node) => this.predicted.get(tree.parents[node])!),
    )
  }

  protected override hasRead(nodes: readonly number[], row: number): void {
    nodes.forEach((node, i) => this.predicted.set(node, this.runner.hiddenAt(row + i).slice()))
  }

  /** The row of the last token belongs to what follows: it holds the next token. */
  override save(from: number, count: number): Uint8Array | null {
    const first = Math.max(0, from - 1)
    return super.save(first, from + count - 1 - first)
  }

  override restore(saved: Uint8Array, count: number): void {
    const rows = this.cache.length === 0 ? count - 1 : count
    super.restore(saved, rows)
    this.waiting.splice(0, rows)
  }

  override commit(): void {
    this.cache.free(this.slots.filter((slot) => slot >= 0))
    this.slots = []
  }
}

/** [node] its children, in order. */
function childrenOf(shape: TreeShape): number[][] {
  const children: number[][] = Array.from(shape.parents, () => [])
  for (let node = 1; node < shape.parents.length; node++) children[shape.parents[node]].push(node)
  return children
}
