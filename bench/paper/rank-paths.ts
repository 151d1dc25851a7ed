/**
 * How far verification goes below a place, as ranks: which of the children drawn at each node on the way is the
 * accepted one, -1 where none is. Rules that go from the root down and try children in order of drawing accept the same
 * child in every tree that holds it, so one path tells what each static tree brings: none need be verified by itself.
 */
import type { Core } from '../../src/core/index.js'
import type { Sampling } from '../../src/core/types.js'
import type { Verifier } from '../../src/strategies/verifier.js'
import { Drawing, type Place } from './drawing.js'
import type { DraftRows, TargetRows } from './rows.js'
import { MOST_LEVELS, MOST_RANKS } from './shapes.js'

/** By coupling the accepted path is the text itself: no pass of the target. */
export async function pathAsWritten(core: Core, rows: DraftRows, place: Place): Promise<number[]> {
  const { text, length } = place
  const drawing = new Drawing(core, rows, place, text.sampling, 'coupled')
  const ranks: number[] = []
  for (let node = 0, level = 0; level < MOST_LEVELS && length + level < text.tokens.length; level++) {
    const token = text.tokens[length + level]
    const rank = (await drawing.children(node)).tokens.indexOf(token)
    ranks.push(rank)
    if (rank < 0) break
    node = rows.child(node, token)
  }
  return ranks
}

/** Walks by any rule that goes from the root down, over one node and its children at a time. */
export class StarWalk {
  /** [1 + ranks, vocab]: the target's row of the node; the children's own rows decide nothing. */
  private readonly logitsPtr: number

  constructor(
    private readonly core: Core,
    private readonly draft: DraftRows,
    private readonly target: TargetRows,
  ) {
    this.logitsPtr = core.alloc((1 + MOST_RANKS) * target.runner.vocab * 4)
  }

  async path(rule: Verifier, sampling: Sampling, place: Place): Promise<number[]> {
    const { core, draft, target, logitsPtr } = this
    const { vocab } = target.runner
    const drawing = new Drawing(core, draft, place, sampling, rule.draws)
    const ranks: number[] = []
    for (let node = 0, seen = 0, level = 0; level < MOST_LEVELS; level++) {
      const { tokens } = await drawing.children(node)
      const [qRow] = await draft.rowsOf([node])
      const [pRow] = await target.rowsOf([seen])
      core.f32(logitsPtr, vocab).set(core.f32(target.runner.logitsAt(pRow), vocab))
      const { path } = rule.verify(core, {
        tree: star(tokens, { logitsPtr: draft.runner.logitsPtr, row: qRow }),
        logitsPtr,
        vocab,
        sampling,
        key: place.text.key,
        rootPosition: place.length - 1 + level,
      })
      const rank = path.length === 0 ? -1 : path[0] - 1
      ranks.push(rank)
      if (rank < 0) break
      node = draft.child(node, tokens[rank])
      seen = target.child(seen, tokens[rank])
    }
    return ranks
  }

  dispose(): void {
    this.core.free(this.logitsPtr)
  }
}

/** A root whose children are these. */
function star(tokens: Int32Array, q: { logitsPtr: number; row: number }) {
  const count = tokens.length + 1
  return {
    parents: Int32Array.from({ length: count }, (_, i) => (i === 0 ? -1 : 0)),
    tokens: Int32Array.of(0, ...tokens),
    depths: Int32Array.from({ length: count }, (_, i) => Math.min(i, 1)),
    q: { logitsPtr: q.logitsPtr, rows: Int32Array.from({ length: count }, (_, i) => (i === 0 ? q.row : -1)) },
  }
}
