/** Shapes of Llamas that formats are timed on, by the name of their piece of the benchmark. */
import type { PlainShape } from '../../src/architectures/index.js'

const common = { theta: 10000, epsilon: 1e-5, maxPositions: 2048, tied: false, headDim: 64 }

export const SHAPES: Readonly<Record<string, PlainShape>> = {
  /** To see that the benchmark works: seconds. */
  tiny: { ...common, vocab: 1024, hidden: 256, inner: 768, layers: 2, heads: 4, kvHeads: 2 },
  '1.1b': { ...common, vocab: 49152, hidden: 2048, inner: 5632, layers: 22, heads: 32, kvHeads: 4 },
  '3b': { ...common, vocab: 32000, hidden: 3200, inner: 8640, layers: 26, heads: 50, kvHeads: 10 },
  '7b': { ...common, vocab: 32000, hidden: 4096, inner: 11008, layers: 32, heads: 32, kvHeads: 32, headDim: 128 },
}
