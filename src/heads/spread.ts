/** Heads over a reduced vocabulary: their logits at their tokens' places of the target's. */
import type { GraphBuilder } from '../onnx/graph-builder.js'

/** `logits` [m, vocab] of [m, reduced]; `tokens` int64 [1, reduced]. Tokens outside get -Infinity. */
export function spread(g: GraphBuilder, reduced: string, logitRows: string, tokens: string, vocab: number): void {
  const rows = g.op('Shape', [logitRows])
  const empty = g.op('Expand', [
    g.constant('float32', [-Infinity], [1, 1]),
    g.op('Concat', [rows, g.constant('int64', [vocab])], { axis: 0 }),
  ])
  const places = g.op('Expand', [tokens, g.op('Shape', [reduced])])
  g.op('ScatterElements', [empty, places, reduced], { axis: 1 }, 'logits')
}
