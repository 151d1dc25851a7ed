/**
 * Children drawn from the draft after a place in a text, each node's once: trees of any shape that take the same ranks
 * hold the same tokens. Noise of a node is keyed by its position or its tokens, never by its number in a tree.
 */
import type { Core } from '../../src/core/index.js'
import type { DrawnChildren, Sampling } from '../../src/core/types.js'
import { type Draws, draftSampling, NOISE_OF } from '../../src/strategies/draws.js'
import { childrenOf, type DraftTree } from '../../src/strategies/tree.js'
import type { Text } from './pair.js'
import type { DraftRows } from './rows.js'
import { MOST_RANKS } from './shapes.js'

export interface Place {
  text: Text
  /** Tokens up to the root, the root among them. */
  length: number
}

export class Drawing {
  private readonly drawn = new Map<number, DrawnChildren>()

  constructor(
    private readonly core: Core,
    readonly rows: DraftRows,
    private readonly place: Place,
    private readonly sampling: Sampling,
    private readonly draws: Draws,
  ) {}

  /** A node's children in order of drawing. */
  async children(node: number): Promise<DrawnChildren> {
    const known = this.drawn.get(node)
    if (known) return known
    const { rows, core } = this
    const [row] = await rows.rowsOf([node])
    const drawn = core.draftChildren(
      rows.runner.logitsAt(row),
      rows.runner.vocab,
      draftSampling(this.sampling),
      this.place.text.key,
      this.place.length - 1 + rows.depth(node),
      MOST_RANKS,
      NOISE_OF[this.draws],
      this.tag(node),
    )
    this.drawn.set(node, drawn)
    return drawn
  }

  /** Draws a shape; where q has less support than it has branches, those are left out. */
  async fill(parents: Int32Array): Promise<DraftTree> {
    const planned = childrenOf({ parents })
    const { rows, place } = this
    const filled = { parents: [-1], tokens: [place.text.tokens[place.length - 1]], depths: [0], q: [-1] }
    let level = [{ node: 0, at: 0, shape: 0 }]
    while (level.length > 0) {
      const inner = level.filter(({ shape }) => planned[shape].length > 0)
      const qRows = await rows.rowsOf(inner.map(({ node }) => node))
      const below: typeof level = []
      for (const [i, { node, at, shape }] of inner.entries()) {
        filled.q[at] = qRows[i]
        const { tokens } = await this.children(node)
        for (const [rank, child] of planned[shape].entries()) {
          if (rank >= tokens.length) break
          filled.parents.push(at)
          filled.tokens.push(tokens[rank])
          filled.depths.push(filled.depths[at] + 1)
          filled.q.push(-1)
          below.push({ node: rows.child(node, tokens[rank]), at: filled.parents.length - 1, shape: child })
        }
      }
      level = below
    }
    return {
      parents: Int32Array.from(filled.parents),
      tokens: Int32Array.from(filled.tokens),
      depths: Int32Array.from(filled.depths),
      q: { logitsPtr: rows.runner.logitsPtr, rows: Int32Array.from(filled.q) },
    }
  }

  private tag(node: number): number {
    const { rows, place } = this
    return node === 0 ? place.length : mixed(this.tag(rows.parent(node)), rows.token(node))
  }
}

/** A number for the continuation of another by a token. */
function mixed(tag: number, token: number): number {
  const h = Math.imul(tag ^ (token + 0x9e3779b1), 0x85ebca6b)
  return (Math.imul(h ^ (h >>> 13), 0xc2b2ae35) ^ (h >>> 16)) >>> 1
}
