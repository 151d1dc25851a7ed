/**
 * A token tree while it is being filled, in level order: node 0 is the root, children are appended behind their
 * parents.
 */
import type { DraftTree } from './tree.js'

export class GrowingTree {
  readonly parents: number[] = [-1]
  readonly tokens: number[]
  readonly depths: number[] = [0]
  /** Node of the planned shape that each node stands for. */
  readonly plannedNode: number[] = [0]
  /** Row of the draft logits that is each node's q; -1 while it was not expanded. */
  readonly qRows: number[]

  constructor(rootToken: number) {
    this.tokens = [rootToken]
    this.qRows = [-1]
  }

  get size(): number {
    return this.parents.length
  }

  /** Appends a child and returns its index. */
  add(parent: number, token: number, plannedNode = -1): number {
    this.parents.push(parent)
    this.tokens.push(token)
    this.depths.push(this.depths[parent] + 1)
    this.plannedNode.push(plannedNode)
    this.qRows.push(-1)
    return this.parents.length - 1
  }

  /** Tokens from below the root to a node. */
  pathTo(node: number): number[] {
    const path: number[] = []
    for (let at = node; at > 0; at = this.parents[at]) path.unshift(this.tokens[at])
    return path
  }

  nodesAt(depth: number): number[] {
    return this.depths.flatMap((d, node) => (d === depth ? [node] : []))
  }

  /** The tree as typed arrays; with `logitsPtr` the q rows go with it. */
  finish(q?: { logitsPtr: number }): DraftTree {
    return {
      parents: Int32Array.from(this.parents),
      tokens: Int32Array.from(this.tokens),
      depths: Int32Array.from(this.depths),
      ...(q && { q: { logitsPtr: q.logitsPtr, rows: Int32Array.from(this.qRows) } }),
    }
  }
}
