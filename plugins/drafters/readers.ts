/**
 * How a draft model reads a text into its K/V cache: by tokens alone, or by tokens with the target's features. The one
 * keeps the rows of accepted nodes, the other reads them again with what the target made of them.
 */
import { joined } from '../../src/common/joined.js'
import { appending } from '../../src/passes/appending.js'
import type { ModelRunner } from '../../src/passes/model-runner.js'
import type { Passes } from '../../src/passes/pass-part.js'
import type { SequenceCache } from '../../src/passes/sequence-cache.js'
import type { GrowingTree } from '../../src/strategies/growing-tree.js'

export interface Reader {
  /** Whether rows read while a tree is drafted hold for its accepted nodes. */
  readonly keepsNodes: boolean
  /** Gets the target's features [count, hidden] of the text's next tokens. */
  observe?(features: Float32Array): void
  /** Whether a text of so many tokens can be drafted after. */
  canDraftAfter(tokens: number): boolean
  /** Reads what of the history is not read yet; comes to the row of the last token's q where it is wanted. */
  read(history: readonly number[], wantsLast: boolean): Passes<number>
  /** [nodes, hidden] features that a level's nodes are read with; undefined where tokens alone are read. */
  featuresOf(nodes: readonly number[], tree: GrowingTree): Float32Array | undefined
  /** Hears of a pass over a level's nodes, of which `row` was the first. */
  hasRead(nodes: readonly number[], row: number): void
  save(from: number, count: number): Promise<Uint8Array | null>
  restore(saved: Uint8Array, count: number): Promise<void>
}

export function readerOf(runner: ModelRunner, cache: SequenceCache): Reader {
  const readsFeatures = runner.forward.info.features.read > 0
  return readsFeatures ? new FeatureReader(runner, cache) : new TokenReader(runner, cache)
}

class TokenReader implements Reader {
  readonly keepsNodes = true

  constructor(
    private readonly runner: ModelRunner,
    private readonly cache: SequenceCache,
  ) {}

  canDraftAfter(): boolean {
    return true
  }

  *read(history: readonly number[], wantsLast: boolean): Passes<number> {
    return yield* appending(this.runner, this.cache, history.slice(this.cache.length), wantsLast)
  }

  featuresOf(): undefined {}

  hasRead(): void {}

  async save(from: number, count: number): Promise<Uint8Array | null> {
    return this.cache.length < from + count ? null : this.runner.memory.save(this.cache, from, count)
  }

  restore(saved: Uint8Array, count: number): Promise<void> {
    return this.runner.memory.restore(this.cache, saved, count)
  }
}

/**
 * For drafts of the EAGLE family: row i of the cache is token i + 1 with the feature of token i. Nodes below the root
 * are read with the features that the draft itself predicted.
 */
class FeatureReader implements Reader {
  readonly keepsNodes = false
  /** Features of the target's tokens from place `cache.length` on: what is not read yet. */
  private waiting: Float32Array[] = []
  /** By node: the feature that the draft predicts at it. */
  private predicted = new Map<number, Float32Array>()
  private readonly rows: TokenReader

  constructor(
    private readonly runner: ModelRunner,
    private readonly cache: SequenceCache,
  ) {
    this.rows = new TokenReader(runner, cache)
  }

  observe(features: Float32Array): void {
    const { read } = this.runner.forward.info.features
    for (let at = 0; at < features.length; at += read) this.waiting.push(features.slice(at, at + read))
  }

  /** A text's first token has no feature before it. */
  canDraftAfter(tokens: number): boolean {
    return tokens > 1
  }

  *read(history: readonly number[], wantsLast: boolean): Passes<number> {
    const tokens = history.slice(this.cache.length + 1)
    const { written } = this.runner.forward.info.features
    let last = new Float32Array(0)
    const row = yield* appending(this.runner, this.cache, tokens, wantsLast, {
      read: (from, count) => joined(Float32Array, this.waiting.slice(from, from + count)),
      wrote: (predicted) => (last = predicted.slice(-written)),
    })
    this.waiting.splice(0, tokens.length)
    this.predicted = new Map([[0, last]])
    return row
  }

  featuresOf(nodes: readonly number[], tree: GrowingTree): Float32Array {
    const features = nodes.map((node) => this.predicted.get(tree.parents[node])!)
    return joined(Float32Array, features)
  }

  hasRead(nodes: readonly number[], row: number): void {
    nodes.forEach((node, i) => this.predicted.set(node, this.runner.hiddenAt(row + i).slice()))
  }

  /** The row of the last token belongs to what follows: it holds the next token. */
  save(from: number, count: number): Promise<Uint8Array | null> {
    const first = Math.max(0, from - 1)
    return this.rows.save(first, from + count - 1 - first)
  }

  async restore(saved: Uint8Array, count: number): Promise<void> {
    const rows = this.cache.length === 0 ? count - 1 : count
    await this.rows.restore(saved, rows)
    this.waiting.splice(0, rows)
  }
}
