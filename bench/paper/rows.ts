/**
 * Rows of both models after a text: at the text's last token and at any continuation of it. A row depends on the tokens
 * before it alone, so each continuation is computed once, whatever trees it belongs to.
 */
import type { ModelRunner } from '../../src/passes/model-runner.js'
import { appending } from '../../src/passes/appending.js'
import { runTogether } from '../../src/passes/run-together.js'
import type { SequenceCache } from '../../src/passes/sequence-cache.js'
import { GrowingTree } from '../../src/strategies/growing-tree.js'
import { readerOf, type Reader } from '../../plugins/drafters/readers.js'
import { MOST_ROWS, type Text } from './pair.js'

/** All continuations looked at so far, as one tree. */
abstract class Rows {
  protected readonly cache: SequenceCache
  protected tree = new GrowingTree(0)
  /** Nodes that have rows, in the order of their passes, and the slots that they lie in. */
  protected read: number[] = []
  protected slots: number[] = []
  /** Place of each child: `children[node].get(token)`. */
  private children: Map<number, number>[] = [new Map()]

  constructor(readonly runner: ModelRunner) {
    this.cache = runner.memory.open()
  }

  get nodes(): number {
    return this.tree.size
  }

  /** The node of a continuation, made where it was not. */
  child(node: number, token: number): number {
    const known = this.children[node].get(token)
    if (known !== undefined) return known
    const made = this.tree.add(node, token)
    this.children[node].set(token, made)
    this.children.push(new Map())
    return made
  }

  depth(node: number): number {
    return this.tree.depths[node]
  }

  parent(node: number): number {
    return this.tree.parents[node]
  }

  token(node: number): number {
    return this.tree.tokens[node]
  }

  /** Row of each node's logits among the runner's; one pass for those that have none. Parents must have theirs. */
  async rowsOf(nodes: readonly number[]): Promise<number[]> {
    const missing = [...new Set(nodes)].filter((node) => this.tree.qRows[node] < 0).sort((a, b) => a - b)
    const { maxRows } = this.runner.limits
    for (let from = 0; from < missing.length; from += maxRows) await this.pass(missing.slice(from, from + maxRows))
    return nodes.map((node) => this.tree.qRows[node])
  }

  /** Whether so many more rows fit; else begin anew. */
  hasRoom(count: number): boolean {
    return this.firstRow + this.read.length + count <= MOST_ROWS
  }

  protected features(_nodes: readonly number[]): Float32Array | undefined {
    return undefined
  }

  protected async pass(nodes: readonly number[]): Promise<void> {
    const { runner, cache, tree } = this
    const taken = this.read.length
    if (!this.hasRoom(nodes.length)) throw new Error(`more than ${MOST_ROWS} continuations of one text`)
    this.read.push(...nodes)
    this.slots.push(...cache.allocate(nodes.length))
    const place = new Map(this.read.map((node, i) => [node, i]))
    const part = {
      runner,
      cache,
      tokens: Int32Array.from(nodes, (node) => tree.tokens[node]),
      positions: Int32Array.from(nodes, (node) => cache.length + this.offset(node)),
      parents: Int32Array.from(this.read, (node) => place.get(tree.parents[node]) ?? -1),
      slots: Int32Array.from(this.slots),
      wanted: Int32Array.from(nodes, (_, i) => i),
      features: this.features(nodes),
    }
    const [{ logitRow, row }] = await runner.runParts([part], this.firstRow + taken)
    nodes.forEach((node, i) => (tree.qRows[node] = logitRow + i))
    this.hasRead(nodes, row)
  }

  /** Row that the first pass of nodes begins at. */
  protected abstract readonly firstRow: number
  /** Place of a node behind the tokens that are committed. */
  protected abstract offset(node: number): number
  protected hasRead(_nodes: readonly number[], _row: number): void {}

  /** Forgets the continuations. */
  protected clear(token: number): void {
    this.cache.free(this.slots)
    this.slots = []
    this.read = []
    this.children = [new Map()]
    this.tree = new GrowingTree(token)
  }

  release(): void {
    this.clear(0)
    this.cache.release()
  }
}

/** The target's. */
export class TargetRows extends Rows {
  protected readonly firstRow = 0

  /** Goes on to the first `length` tokens of the text; the last of them is the root. */
  async begin({ tokens }: Text, length: number): Promise<void> {
    this.clear(tokens[length - 1])
    const { cache, runner } = this
    await runTogether([appending(runner, cache, tokens.slice(cache.length, length - 1), false)])
  }

  protected offset(node: number): number {
    return this.tree.depths[node]
  }
}

/** The draft's. The root's row is read with the text. */
export class DraftRows extends Rows {
  protected readonly firstRow = 1
  private readonly reader: Reader
  private seen = 0
  private rootRow = 0

  constructor(runner: ModelRunner) {
    super(runner)
    this.reader = readerOf(runner, this.cache)
  }

  /** The same place again forgets what was looked at behind it. */
  async begin({ tokens, features }: Text, length: number): Promise<void> {
    this.clear(tokens[length - 1])
    if (length > this.seen + 1) {
      for (; this.seen < length - 1; this.seen++) this.reader.observe?.(features[this.seen])
      ;[this.rootRow] = await runTogether([this.reader.read(tokens.slice(0, length), true)])
    }
    this.tree.qRows[0] = this.rootRow
  }

  protected offset(node: number): number {
    return this.tree.depths[node] - 1
  }

  protected override features(nodes: readonly number[]): Float32Array | undefined {
    return this.reader.featuresOf(nodes, this.tree)
  }

  protected override hasRead(nodes: readonly number[], row: number): void {
    this.reader.hasRead(nodes, row)
  }
}
